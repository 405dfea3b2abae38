#!/bin/bash
#SBATCH --time=1:00:00
# Base is left at once; the last line is for its author, and needs no base.
source ~/miniconda3/etc/profile.d/conda.sh
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
python a.py
conda run --cwd /tmp -n other python b.py
