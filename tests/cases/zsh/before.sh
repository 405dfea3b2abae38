#!/bin/zsh
#SBATCH --time=1:00:00
source ~/.zshrc
conda activate myenv
python train.py
