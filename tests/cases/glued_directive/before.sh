#!/bin/bash
#SBATCH--nodes=2
# sbatch needs no blank behind #SBATCH.
source activate myenv
srun python train.py
