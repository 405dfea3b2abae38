#!/bin/bash
#SBATCH -N 1
eval "$(conda shell.bash hook)"
conda activate "$HOME/envs/tf" || exit 1
srun python -m pkg.train
