#!/bin/bash -l
#SBATCH --array=1-20
#SBATCH --time=1:00:00
#SBATCH --mem=4G

eval "$(conda shell.bash hook)"
conda activate /project/def-someuser/envs/stats || { echo "no environment" >&2; exit 1; }

python fit.py --chunk "$SLURM_ARRAY_TASK_ID"
