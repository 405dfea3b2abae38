#!/bin/bash
#SBATCH --time=1:00:00
# A quote that was never closed where it should be.
conda activate "myenv
python train.py
echo done"
python evaluate.py
