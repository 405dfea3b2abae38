#!/bin/bash
#SBATCH --time=1:00:00
nohup bash -lc 'source activate myenv && python train.py' > log 2>&1
