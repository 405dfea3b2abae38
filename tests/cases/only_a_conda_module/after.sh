#!/bin/bash
#SBATCH --time=1:00:00
# Nothing is activated: the job runs in conda's own base.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/base" || exit 1
source "$SLURM_TMPDIR/base/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-base.txt" || exit 1
python train.py
