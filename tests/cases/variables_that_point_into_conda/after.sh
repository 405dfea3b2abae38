#!/bin/bash
#SBATCH --time=1:00:00
# A Python that is told where another one lives does not start; R and GDAL would go on with conda's files.
ENV=$HOME/miniconda3/envs/myenv
export PYTHONHOME=$ENV
export R_LIBS=$ENV/lib/R/library GDAL_DATA=/x/miniconda3/envs/myenv/share/gdal
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
python train.py
