#!/bin/bash
#SBATCH --time=1:00:00
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/prepare" || exit 1
source "$SLURM_TMPDIR/prepare/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-prepare.txt" || exit 1
python prepare.py
virtualenv --no-download "$SLURM_TMPDIR/train" || exit 1
source "$SLURM_TMPDIR/train/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-train.txt" || exit 1
python train.py
source "$SLURM_TMPDIR/prepare/bin/activate" || exit 1
python collect.py
source "$SLURM_TMPDIR/train/bin/activate" || exit 1
