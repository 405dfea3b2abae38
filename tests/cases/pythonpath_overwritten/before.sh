#!/bin/bash
#SBATCH --time=1:00:00
# What the modules carry for Python is found through PYTHONPATH, which conda's Python did not need.
conda activate myenv
export PYTHONPATH=$HOME/src
python -E train.py
python -u evaluate.py
