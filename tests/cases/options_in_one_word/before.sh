#!/bin/bash
#SBATCH --time=1:00:00
# The last letter of -yn takes a value, as -n does.
conda create -yn fresh python=3.11
source activate fresh
conda install -yc conda-forge numpy
python train.py
