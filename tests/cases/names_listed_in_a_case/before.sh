#!/bin/bash
#SBATCH --time=1:00:00
case $1 in
    gpu) ENV=gpu ;;
    *) ENV=cpu ;;
esac
conda activate $ENV
python train.py
