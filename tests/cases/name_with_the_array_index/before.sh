#!/bin/bash
#SBATCH --array=1-3
# One environment for each task of the array.
conda activate "fold$SLURM_ARRAY_TASK_ID"
python train.py
