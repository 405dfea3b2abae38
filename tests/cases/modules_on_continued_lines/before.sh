#!/bin/bash
#SBATCH --time=1:00:00
module load \
    gcc/12.3 \
    anaconda3 \
    cuda/12.2
module load samtools \
    miniconda3
conda activate \
    myenv
python train.py
