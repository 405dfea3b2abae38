#!/bin/bash
#SBATCH --time=1:00:00
# All of it on one line.
source ~/miniconda3/etc/profile.d/conda.sh; conda activate myenv; python train.py; conda deactivate
echo done
