#!/bin/bash
#SBATCH --time=1:00:00
conda activate myenv 2>&1 | tee activate.log
python train.py
