#!/bin/bash
#SBATCH --time=1:00:00
# What is kept is left again where its author leaves it.
source ~/miniconda3/etc/profile.d/conda.sh
conda activate vision # slurmfix: ignore
python a.py
conda deactivate
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
python b.py
deactivate
