#!/bin/bash
#SBATCH --time=1:00:00
# What the trap says runs when the job ends.
trap 'conda deactivate' EXIT
conda activate myenv
python train.py
