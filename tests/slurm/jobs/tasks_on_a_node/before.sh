#!/bin/bash
#SBATCH --nodes=1
#SBATCH --ntasks=4
#SBATCH --time=0:30:00
source ~/.bashrc
source activate myenv
srun python train.py six click
