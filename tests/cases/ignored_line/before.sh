#!/bin/bash
#SBATCH --time=1:00:00
module load miniconda3   # slurmfix: ignore
source activate myenv
python train.py
