#!/bin/bash
#SBATCH --time=1:00:00
# What the variable comes to is what counts.
MY_ENV=$HOME/miniconda3/envs/myenv
export PATH=$MY_ENV/bin:$PATH
export LD_LIBRARY_PATH="/opt/tool/lib:$MY_ENV/lib:$LD_LIBRARY_PATH"
python train.py
