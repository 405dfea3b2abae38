#!/bin/bash
#SBATCH --time=1:00:00
case $1 in
    gpu)
        conda activate gpu
        ;;
    *)
        conda activate cpu ;;
esac
python train.py
