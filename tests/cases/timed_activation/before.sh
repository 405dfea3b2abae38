#!/bin/bash
#SBATCH --time=1:00:00
# bashlex does not read `time`: what is not confirmed is left.
time conda activate myenv
python train.py
