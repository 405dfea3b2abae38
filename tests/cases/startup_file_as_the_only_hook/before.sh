#!/bin/bash
#SBATCH --time=1:00:00
# Nothing else makes conda available: the start-up file does.
source ~/.bashrc
conda activate myenv
python train.py
