#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --array=1-9
# All tasks on a node share /tmp there; each builds in a folder by its own job id.
conda activate myenv
python train.py "$SLURM_ARRAY_TASK_ID"
