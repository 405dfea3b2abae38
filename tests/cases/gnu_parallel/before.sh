#!/bin/bash
#SBATCH --cpus-per-task=4
# Each of the four at a time would make it.
module load miniconda3
parallel -j 4 "source activate myenv; python fold.py {}" ::: 1 2 3 4
