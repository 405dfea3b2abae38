#!/bin/bash
#SBATCH --time=1:00:00
# Single quotes: the name holds the dollar itself.
conda activate '/project/lab/envs/us$'
conda activate '/project/lab/$x'$1
python train.py
