#!/bin/bash
#SBATCH --time=1:00:00
# The quote is never closed: nobody can say what is a command below it.
echo "started
conda activate myenv
python train.py
