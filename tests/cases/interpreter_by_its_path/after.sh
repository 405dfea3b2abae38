#!/bin/bash
#SBATCH --time=1:00:00
if [ "$1" = test ]; then
    module load StdEnv/2023 python/3.11 || exit 1
    virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
    "$SLURM_TMPDIR/myenv/bin/pip" install --no-index --upgrade pip || exit 1
    "$SLURM_TMPDIR/myenv/bin/pip" install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
    "$SLURM_TMPDIR/myenv/bin/python" -u test.py
fi
module load StdEnv/2023 python/3.11 || exit 1
if [ ! -d "$SLURM_TMPDIR/myenv" ]; then
    virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
    "$SLURM_TMPDIR/myenv/bin/pip" install --no-index --upgrade pip || exit 1
    "$SLURM_TMPDIR/myenv/bin/pip" install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
fi
srun "$SLURM_TMPDIR/myenv/bin/python" train.py
