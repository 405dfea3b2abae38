#!/bin/bash
#SBATCH -n 4
source ~/miniconda3/etc/profile.d/conda.sh
conda activate a
python x.py
