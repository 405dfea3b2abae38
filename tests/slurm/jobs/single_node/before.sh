#!/bin/bash
#SBATCH --job-name=train
#SBATCH --account=def-someone
#SBATCH --time=0:30:00
#SBATCH --cpus-per-task=4
#SBATCH --mem=4G

module purge
module load miniconda3
source ~/miniconda3/etc/profile.d/conda.sh

# the environment with numpy
conda activate myenv

python train.py six click numpy
conda deactivate
