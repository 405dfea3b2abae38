#!/bin/bash
#SBATCH --time=1:00:00
# Outside of the parentheses nothing is active.
(
    conda activate myenv
    python train.py
)
./report
