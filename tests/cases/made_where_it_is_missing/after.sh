#!/bin/bash
#SBATCH --time=1:00:00
# Which arm is taken depends on what lies in the home folder; the job's own environment is new each time.
if [ ! -d "$HOME/.conda/envs/myenv" ]; then
    module load StdEnv/2023 python/3.11 || exit 1
    virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
    source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
    pip install --no-index --upgrade pip || exit 1
    pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
    pip install --no-index wandb
else
    module load StdEnv/2023 python/3.11 || exit 1
    virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
    source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
    pip install --no-index --upgrade pip || exit 1
    pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
fi
python train.py
