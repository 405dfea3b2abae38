#!/bin/bash
#SBATCH --time=1:00:00
# Nothing activates the environment, and Python finds its packages all the same.
export PYTHONPATH=$HOME/miniconda3/envs/myenv/lib/python3.11/site-packages:$PYTHONPATH
python train.py
