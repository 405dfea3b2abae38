#!/bin/bash
#SBATCH --time=0:30:00
# The environment was there for what is on no other folder of the PATH.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/ml" || exit 1
source "$SLURM_TMPDIR/ml/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-ml.txt" || exit 1
python train.py
