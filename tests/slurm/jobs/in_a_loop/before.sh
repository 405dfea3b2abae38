#!/bin/bash
#SBATCH --time=0:30:00
source ~/miniconda3/etc/profile.d/conda.sh
for seed in 1 2 3; do
    conda activate myenv
    python train.py six click --seed=$seed
    conda deactivate
done
