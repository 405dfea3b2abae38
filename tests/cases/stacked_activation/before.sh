#!/bin/bash
#SBATCH --time=1:00:00
# With --stack the programs of both are found; of two virtualenvs only one is active.
conda activate outer
conda activate --stack inner
outer-tool | python b.py
