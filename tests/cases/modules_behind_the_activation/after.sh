#!/bin/bash
#SBATCH --time=1:00:00
module load StdEnv/2020 gcc/9.3.0 netcdf/4.7.4
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
./solver
python post.py
