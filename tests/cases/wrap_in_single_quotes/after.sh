#!/bin/bash
sbatch --time=1:00:00 --wrap='{ module load StdEnv/2023 python/3.11 &&
    virtualenv --no-download "$SLURM_TMPDIR/myenv" &&
    source "$SLURM_TMPDIR/myenv/bin/activate" &&
    pip install --no-index --upgrade pip &&
    pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt"; } && python train.py'
