#!/bin/bash
#SBATCH --time=1:00:00
# conda goes back to its base, where pandas may be; what becomes of that line is for a person to see.
source ~/miniconda3/etc/profile.d/conda.sh
conda activate base
conda activate myenv
python train.py
conda deactivate
echo trained
python post.py
