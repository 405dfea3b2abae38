#!/bin/bash
#SBATCH --time=2:00:00
#SBATCH --array=0-1
envs=(qc "align")
source ~/miniconda3/etc/profile.d/conda.sh
conda activate "${envs[$SLURM_ARRAY_TASK_ID]}"
python step.py
