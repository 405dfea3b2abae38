#!/bin/bash
#SBATCH --time=1:00:00
# A virtualenv is what it should be.
module load python/3.11
source ~/venvs/x/bin/activate
# conda activate old
python train.py
