#!/bin/bash
#SBATCH --time=0:30:00
# The environment was there for what is on no other folder of the PATH.
export PATH=$PATH:$HOME/miniconda3/envs/ml/bin
python train.py
