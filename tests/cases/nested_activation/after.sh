#!/bin/bash
#SBATCH --time=1:00:00
# conda keeps a stack: the deactivation leads back to the outer one.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/outer" || exit 1
source "$SLURM_TMPDIR/outer/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-outer.txt" || exit 1
python a.py
virtualenv --no-download "$SLURM_TMPDIR/inner" || exit 1
source "$SLURM_TMPDIR/inner/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-inner.txt" || exit 1
python b.py
source "$SLURM_TMPDIR/outer/bin/activate" || exit 1
python c.py
deactivate
./report
