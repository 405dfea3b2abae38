#!/bin/bash
#SBATCH --array=1-3
# One environment for each task of the array.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/fold$SLURM_ARRAY_TASK_ID" || exit 1
source "$SLURM_TMPDIR/fold$SLURM_ARRAY_TASK_ID/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-fold$SLURM_ARRAY_TASK_ID.txt" || exit 1
python train.py
