#!/bin/bash
#SBATCH --time=1:00:00
# Called with a name or without.
conda activate "${1:-myenv}"
python train.py
