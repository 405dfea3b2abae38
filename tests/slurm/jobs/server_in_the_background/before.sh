#!/bin/bash
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=2
#SBATCH --time=0:30:00
#SBATCH --mem-per-cpu=1G
srun sleep 600 &
source activate myenv
srun --overlap --mem=0 python train.py six click
kill %1
