#!/bin/bash
#SBATCH --time=1:00:00
# After the shift $1 is another argument.
ENV=$1
shift
conda activate $ENV
python train.py "$@"
