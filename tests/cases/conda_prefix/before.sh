#!/bin/bash
#SBATCH --time=1:00:00
conda activate myenv
echo "in $CONDA_DEFAULT_ENV"
export MPLCONFIGDIR="$CONDA_PREFIX/mpl"
python train.py
