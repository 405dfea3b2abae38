#!/bin/bash
#SBATCH --time=1:00:00
# No training without the environment, and the clean-up in any case.
{ module load StdEnv/2023 python/3.11 &&
    virtualenv --no-download "$SLURM_TMPDIR/myenv" &&
    source "$SLURM_TMPDIR/myenv/bin/activate" &&
    pip install --no-index --upgrade pip &&
    pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt"; } && python train.py
rm -rf scratch
