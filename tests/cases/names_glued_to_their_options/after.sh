#!/bin/bash
#SBATCH --time=1:00:00
ENVS=$SCRATCH/envs
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/first" || exit 1
source "$SLURM_TMPDIR/first/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-first.txt" || exit 1
python train.py
deactivate
virtualenv --no-download "$SLURM_TMPDIR/second" || exit 1
source "$SLURM_TMPDIR/second/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-second.txt" || exit 1
python test.py
env PATH="$SLURM_TMPDIR/first/bin:$PATH" python plot.py
python table.py
