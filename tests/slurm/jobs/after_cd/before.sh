#!/bin/bash
#SBATCH --time=0:30:00
mkdir -p runs/one
cd runs/one
source activate myenv
python ../../train.py six click
