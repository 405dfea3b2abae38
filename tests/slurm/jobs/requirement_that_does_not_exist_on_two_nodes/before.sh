#!/bin/bash
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --time=0:30:00
source activate myenv
srun python train.py six
echo "the work is done"
