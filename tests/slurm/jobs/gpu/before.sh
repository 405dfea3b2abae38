#!/bin/bash
#SBATCH --gres=gpu:v100:1
#SBATCH --time=0:30:00
#SBATCH --mem=8G
module load cuda/12.2 miniconda3
conda activate myenv
echo "CUDA is in $CUDA_HOME"
python train.py six click
