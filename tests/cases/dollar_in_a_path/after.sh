#!/bin/bash
#SBATCH --time=1:00:00
# Single quotes: the name holds the dollar itself.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/us\$" || exit 1
source "$SLURM_TMPDIR/us\$/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-us-.txt" || exit 1
virtualenv --no-download "$SLURM_TMPDIR/\$x$1" || exit 1
source "$SLURM_TMPDIR/\$x$1/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-\$x$1.txt" || exit 1
python train.py
