#!/bin/bash
#SBATCH --time=1:00:00
# slurmfix: ignore-file
module load miniconda3
source activate myenv
python train.py
