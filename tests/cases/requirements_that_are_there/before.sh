#!/bin/bash
#SBATCH --time=1:00:00
# Someone's own requirements file is never overwritten.
conda activate myenv
python train.py
