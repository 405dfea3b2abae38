#!/bin/bash
#SBATCH --time=1:00:00
conda activate myenv; conda update -y numpy; conda env list && date
python train.py
