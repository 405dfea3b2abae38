#!/bin/bash
#SBATCH --time=1:00:00
# What is in the clone is what is in its original, which nobody can see.
conda create -n new --clone base -y
conda install -n new -y scipy
source activate new
python train.py
