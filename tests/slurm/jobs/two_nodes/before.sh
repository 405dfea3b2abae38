#!/bin/bash
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=2
#SBATCH --time=0:30:00
#SBATCH --mem-per-cpu=1G

eval "$(conda shell.bash hook)"
conda activate myenv

srun python train.py six click
