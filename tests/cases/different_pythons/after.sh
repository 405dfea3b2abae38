#!/bin/bash
#SBATCH --time=1:00:00
# The second environment needs another module: the first is left before it is loaded.
module load StdEnv/2023 python/3.10 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/old" || exit 1
source "$SLURM_TMPDIR/old/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-old.txt" || exit 1
python a.py
deactivate || exit 1
module load StdEnv/2023 python/3.12 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/new" || exit 1
source "$SLURM_TMPDIR/new/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-new.txt" || exit 1
python b.py
