#!/bin/bash
#SBATCH --time=1:00:00
# The author says what happens when there is no environment.
{ module load StdEnv/2023 python/3.11 &&
    virtualenv --no-download "$SLURM_TMPDIR/myenv" &&
    source "$SLURM_TMPDIR/myenv/bin/activate" &&
    pip install --no-index --upgrade pip &&
    pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt"; } || { echo "no environment" >&2; exit 3; }
python train.py
