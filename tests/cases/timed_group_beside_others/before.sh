#!/bin/bash
#SBATCH --time=1:00:00
conda activate myenv
python train.py
time { conda activate other; python b.py; }
