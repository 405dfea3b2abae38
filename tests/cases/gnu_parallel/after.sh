#!/bin/bash
#SBATCH --cpus-per-task=4
# Each of the four at a time would make it.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
"$SLURM_TMPDIR/myenv/bin/pip" install --no-index --upgrade pip || exit 1
"$SLURM_TMPDIR/myenv/bin/pip" install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
parallel -j 4 "source \"\$SLURM_TMPDIR/myenv/bin/activate\" || exit 1; python fold.py {}" ::: 1 2 3 4
