#!/bin/bash
#SBATCH --time=1:00:00
# What conda would install goes into the requirements.
conda create -y -n fresh python=3.11 numpy=1.26
conda activate fresh
conda install -y -c conda-forge scipy
python train.py
