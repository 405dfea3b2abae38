#!/bin/tcsh
#SBATCH --time=1:00:00
source /home/alice/miniconda3/etc/profile.d/conda.csh
conda activate myenv
python train.py
