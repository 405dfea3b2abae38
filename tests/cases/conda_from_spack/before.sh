#!/bin/bash
#SBATCH --time=1:00:00
spack load cuda@11.8.0 miniconda3@4.10.3
eval "$(conda shell.bash hook)"
conda activate myenv
python train.py
