#!/bin/bash
#SBATCH --time=1:00:00
# An image takes nothing once it is built.
conda activate myenv
pip install tqdm
python train.py
