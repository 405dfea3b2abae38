#!/bin/bash
#SBATCH --nodes=1
#SBATCH --ntasks=6
# The environment is made once before the step, not by each of its tasks.
source activate myenv
srun python train.py
