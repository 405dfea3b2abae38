#!/bin/bash
#SBATCH --array=1-3
#SBATCH --time=0:10:00
#SBATCH --output=%x-%A_%a.out
module load anaconda3
conda activate myenv
python train.py six click --fold=$SLURM_ARRAY_TASK_ID
