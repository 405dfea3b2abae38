#!/bin/bash -l
#SBATCH --time=0:30:00
#SBATCH --export=NONE
conda activate myenv
python train.py six click
