#!/bin/bash -l
#SBATCH --time=1:00:00
# Years of advice from the internet; one of these would have done.
module purge
module load StdEnv/2023
source ~/.bashrc
module load python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
python train.py
