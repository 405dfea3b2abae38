#!/bin/bash
#SBATCH --time=1:00:00
# Made once, entered in each round.
for fold in 1 2 3; do
    conda activate myenv
    python train.py --fold $fold
    conda deactivate
    ./report $fold
done
