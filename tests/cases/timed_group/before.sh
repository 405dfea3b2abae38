#!/bin/bash
#SBATCH --time=1:00:00
# What stands in the braces cannot be told for sure.
time { conda activate myenv; python train.py; }
