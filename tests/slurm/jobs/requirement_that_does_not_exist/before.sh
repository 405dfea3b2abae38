#!/bin/bash
#SBATCH --time=0:30:00
source activate myenv
python train.py six
echo "the work is done"
