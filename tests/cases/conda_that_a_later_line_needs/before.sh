#!/bin/bash
#SBATCH --time=1:00:00
source ~/miniconda3/etc/profile.d/conda.sh
conda activate myenv
conda run --cwd sub -n myenv python train.py
