#!/bin/bash
#SBATCH --ntasks=3
#SBATCH --mem-per-cpu=1G
#SBATCH --time=0:30:00
module load anaconda3
source activate myenv
time srun python train.py six click
