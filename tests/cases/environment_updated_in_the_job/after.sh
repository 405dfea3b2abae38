#!/bin/bash
#SBATCH --time=1:00:00
# Both files are installed; where they disagree, the later one counts.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/bar" || exit 1
source "$SLURM_TMPDIR/bar/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-bar.txt" || exit 1
python train.py
