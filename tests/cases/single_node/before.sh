#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --mem=4G

# The plain job: one node, one environment.
module load miniconda3
source ~/miniconda3/etc/profile.d/conda.sh
conda activate myenv

python train.py --epochs 10

conda deactivate
