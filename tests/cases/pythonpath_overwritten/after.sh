#!/bin/bash
#SBATCH --time=1:00:00
# What the modules carry for Python is found through PYTHONPATH, which conda's Python did not need.
module load StdEnv/2023 python/3.11 gcc arrow/24.0.0 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
export PYTHONPATH=$HOME/src
python -E train.py
python -u evaluate.py
