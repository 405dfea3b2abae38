#!/bin/bash
#SBATCH --time=1:00:00
module load miniconda3
source activate myenv
python train.py --lr 0.1
conda deactivate
