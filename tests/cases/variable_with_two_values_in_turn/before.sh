#!/bin/bash
#SBATCH --time=1:00:00
# The same line twice, and not the same environment.
ENV=$1
conda activate $ENV
python a.py
ENV=$2
conda activate $ENV
python b.py
