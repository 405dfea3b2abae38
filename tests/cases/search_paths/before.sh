#!/bin/bash
#SBATCH --time=1:00:00
# The entry in front of PATH is an activation; the author's own entry stays.
export PATH=/home/alice/miniconda3/envs/myenv/bin:$HOME/tools/bin:$PATH
export LD_LIBRARY_PATH=/home/alice/miniconda3/envs/myenv/lib:$LD_LIBRARY_PATH
export PYTHONPATH=$PWD:$PYTHONPATH
python train.py
