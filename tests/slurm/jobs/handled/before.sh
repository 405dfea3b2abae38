#!/bin/bash
#SBATCH --time=0:30:00
source ~/miniconda3/etc/profile.d/conda.sh
conda activate myenv || { echo "no environment"; exit 7; }
python train.py six click
