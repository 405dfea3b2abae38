#!/bin/bash
#SBATCH --time=1:00:00
module load gcc miniconda3   # a compiler for the extension
conda activate myenv   # the one with numpy 1.26
python train.py # an hour
conda deactivate # tidy
