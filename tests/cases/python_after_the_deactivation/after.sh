#!/bin/bash
#SBATCH --time=1:00:00
# conda goes back to its base, where pandas may be; what becomes of that line is for a person to see.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
python train.py
deactivate
echo trained
python post.py
