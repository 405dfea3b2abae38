#!/bin/bash
#SBATCH --time=1:00:00
# The name of the environment stands behind the redirection.
source activate 2> /dev/null myenv
python train.py > log --epochs 3
