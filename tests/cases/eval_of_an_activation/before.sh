#!/bin/bash
#SBATCH --time=1:00:00
eval "conda activate myenv"
python train.py
