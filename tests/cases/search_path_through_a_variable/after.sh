#!/bin/bash
#SBATCH --time=1:00:00
# What the variable comes to is what counts.
MY_ENV=$HOME/miniconda3/envs/myenv
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
export LD_LIBRARY_PATH="/opt/tool/lib:$LD_LIBRARY_PATH"
python train.py
