#!/bin/bash
#SBATCH --time=1:00:00
# No file says what is in it: the imports of train.py tell.
conda activate lost
python train.py
