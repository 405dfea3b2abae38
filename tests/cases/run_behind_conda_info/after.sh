#!/bin/bash
#SBATCH --time=1:00:00
# The question goes with the path that it is part of.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
"$SLURM_TMPDIR/myenv/bin/pip" install --no-index --upgrade pip || exit 1
"$SLURM_TMPDIR/myenv/bin/pip" install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
env PATH="$SLURM_TMPDIR/myenv/bin:$PATH" python a.py
