#!/bin/bash
#SBATCH --time=0:30:00
# The first two lines have run in conda's base.
module load anaconda3
pip install wandb
python prepare.py
source activate ml
python train.py
