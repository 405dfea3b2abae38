#!/bin/bash
#SBATCH --time=1:00:00
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/tools" || exit 1
source "$SLURM_TMPDIR/tools/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-tools.txt" || exit 1
python x.py
