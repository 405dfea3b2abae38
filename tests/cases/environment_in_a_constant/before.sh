#!/bin/bash
#SBATCH --time=1:00:00
ENVDIR=$HOME/miniconda3/envs/myenv
$ENVDIR/bin/python train.py
