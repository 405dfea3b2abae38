#!/bin/bash
#SBATCH --time=1:00:00
# The environment only where its folder is there; the job goes on in any case.
[ -d "$HOME/data" ] && conda activate myenv
python train.py
