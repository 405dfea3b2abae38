#!/bin/bash
#SBATCH --ntasks=6
# Nothing says that the six tasks share a node.
source activate myenv
srun python train.py
