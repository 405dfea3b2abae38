#!/bin/bash
#SBATCH --time=1:00:00
# The results hold what the programs print, and nothing of the build.
{
    conda activate myenv
    python header.py
    for fold in 1 2 3; do
        conda run -n myenv python fold.py $fold
    done
} > results.csv
{
    conda activate myenv
    python summary.py
} > summary.log 2>&1
