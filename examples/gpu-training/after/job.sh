#!/bin/bash
#SBATCH --account=def-someuser
#SBATCH --gpus-per-node=1
#SBATCH --cpus-per-task=6
#SBATCH --mem=32G
#SBATCH --time=0-12:00

module load anaconda3 cuda/12.2
source ~/.bashrc
conda activate vision      # torch 2.1

export OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK
python train.py --data "$SCRATCH/images" --epochs 90

conda deactivate
