#!/bin/bash
#SBATCH --time=1:00:00
source ~/miniconda3/bin/activate myenv; python train.py
# the last line has no end
conda deactivate