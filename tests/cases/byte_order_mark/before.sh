#!/bin/bash
#SBATCH --time=1:00:00
conda activate myenv
python train.py
