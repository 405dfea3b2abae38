#!/bin/bash
#SBATCH --time=1:00:00
# The author says what happens when there is no environment.
conda activate myenv || { echo "no environment" >&2; exit 3; }
python train.py
