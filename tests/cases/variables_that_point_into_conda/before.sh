#!/bin/bash
#SBATCH --time=1:00:00
# A Python that is told where another one lives does not start; R and GDAL would go on with conda's files.
ENV=$HOME/miniconda3/envs/myenv
export PYTHONHOME=$ENV
export R_LIBS=$ENV/lib/R/library GDAL_DATA=/x/miniconda3/envs/myenv/share/gdal
source activate myenv
python train.py
