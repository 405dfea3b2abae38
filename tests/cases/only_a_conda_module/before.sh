#!/bin/bash
#SBATCH --time=1:00:00
# Nothing is activated: the job runs in conda's own base.
module load anaconda3
python train.py
