#!/bin/bash
#SBATCH --time=1:00:00
# What is in the clone is what is in its original, which nobody can see.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/new" || exit 1
source "$SLURM_TMPDIR/new/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-new.txt" || exit 1
python train.py
