#!/bin/bash
#SBATCH --nodes=4
#SBATCH -N 1
source activate myenv
#SBATCH --nodes=2
srun python train.py
