#!/bin/bash
#SBATCH --time=1:00:00
# All that geo holds are modules; where its name is one of several, its requirements file is there, too, if empty.
environment=ml
if [ "$1" = maps ]; then
    environment=geo
fi
conda activate $environment
python train.py
