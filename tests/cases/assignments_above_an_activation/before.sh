#!/bin/bash
#SBATCH --time=1:00:00
SEED=1 FOLD=2
# Two assignments on one line stay what they are.
conda activate myenv
python train.py $SEED $FOLD
