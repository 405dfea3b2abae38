#!/bin/bash
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=2
#SBATCH --export=NONE
#SBATCH --time=0:30:00
#SBATCH --mem-per-cpu=1G
source activate myenv
srun --export=ALL python train.py six click
