#!/bin/bash
#SBATCH --time=0:30:00
module load miniconda3
conda run -n myenv --no-capture-output python train.py six click
