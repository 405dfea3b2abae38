#!/bin/bash
#SBATCH --time=1:00:00
# Called with a name or without.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/${1:-myenv}" || exit 1
source "$SLURM_TMPDIR/${1:-myenv}/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-${1:-myenv}.txt" || exit 1
python train.py
