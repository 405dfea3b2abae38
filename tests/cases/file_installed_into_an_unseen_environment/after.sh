#!/bin/bash
#SBATCH --time=1:00:00
# What else is in the environment nobody can see: the imports of train.py tell.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/mine" || exit 1
source "$SLURM_TMPDIR/mine/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-mine.txt" || exit 1
python train.py
