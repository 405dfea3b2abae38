#!/bin/bash
#SBATCH --time=1:00:00
# Which environment the start-up file activates, nobody can tell from here.
srun $CONDA_PREFIX/bin/python train.py
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/other" || exit 1
"$SLURM_TMPDIR/other/bin/pip" install --no-index --upgrade pip || exit 1
"$SLURM_TMPDIR/other/bin/pip" install --no-index -r "$SLURM_SUBMIT_DIR/requirements-other.txt" || exit 1
env PATH="$SLURM_TMPDIR/other/bin:$PATH" bash -c 'echo $CONDA_PREFIX'
