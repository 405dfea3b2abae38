#!/bin/bash
#SBATCH --time=1:00:00
# What else is in the environment nobody can see: the imports of train.py tell.
source activate mine
mamba env update -n mine -f extra.yml
python train.py
