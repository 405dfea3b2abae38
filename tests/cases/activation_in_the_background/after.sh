#!/bin/bash
#SBATCH --time=1:00:00
# This activates nothing, in conda as in a virtualenv.
conda activate myenv &
python train.py
