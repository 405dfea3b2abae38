#!/bin/bash
#SBATCH --time=1:00:00
# Only the conda word of a line goes.
module load gcc/12.3 anaconda3 cuda/12.2
ml Miniforge3 samtools
conda activate myenv
python train.py
