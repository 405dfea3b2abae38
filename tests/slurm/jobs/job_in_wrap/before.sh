#!/bin/bash
#SBATCH --time=0:10:00
sbatch --time=0:10:00 --wrap="source activate myenv; python train.py six click"
