#!/bin/bash
#SBATCH --time=1:00:00
# A module that comes after an activation puts its own Python or libraries first.
source activate myenv
module load cuda/12.2 cudnn
export OMP_NUM_THREADS=1
python train.py
