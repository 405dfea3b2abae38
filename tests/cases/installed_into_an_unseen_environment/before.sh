#!/bin/bash
#SBATCH --time=1:00:00
# What else is in the environment nobody can see: the imports of train.py tell.
source activate mine
conda install -y -c conda-forge scipy
python train.py
