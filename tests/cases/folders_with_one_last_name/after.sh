#!/bin/bash
#SBATCH --time=0:30:00
# They may be two environments, or one in two ways to write it.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/torch" || exit 1
source "$SLURM_TMPDIR/torch/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-torch.txt" || exit 1
python a.py
deactivate
source "$SLURM_TMPDIR/torch/bin/activate" || exit 1
python b.py
