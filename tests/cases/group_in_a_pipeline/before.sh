#!/bin/bash
#SBATCH --time=1:00:00
{
    conda activate myenv
    python train.py
} 2>&1 | tee train.log
