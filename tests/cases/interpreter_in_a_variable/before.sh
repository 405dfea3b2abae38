#!/bin/bash
#SBATCH --time=1:00:00
PYTHON=/home/alice/miniconda3/envs/myenv/bin/python
cd run
$PYTHON train.py
