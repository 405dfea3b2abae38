#!/bin/bash
#SBATCH --time=1:00:00
# Its name differs from job to job, what is in it does not.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/e_$SLURM_JOB_ID" || exit 1
source "$SLURM_TMPDIR/e_$SLURM_JOB_ID/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-e_SLURM_JOB_ID.txt" || exit 1
python train.py
