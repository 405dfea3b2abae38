#!/bin/bash
#SBATCH --time=1:00:00
# People leave the base of their login shell first.
conda deactivate
conda activate myenv
python train.py
