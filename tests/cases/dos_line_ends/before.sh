#!/bin/bash
#SBATCH --time=1:00:00
# sbatch refuses this file as it is.
conda activate myenv
python train.py
