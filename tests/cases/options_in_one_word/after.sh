#!/bin/bash
#SBATCH --time=1:00:00
# The last letter of -yn takes a value, as -n does.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/fresh" || exit 1
source "$SLURM_TMPDIR/fresh/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-fresh.txt" || exit 1
python train.py
