#!/bin/bash
#SBATCH --time=1:00:00
# Its name differs from job to job, what is in it does not.
name="env-${SLURM_JOB_ID}"
conda env create -n "$name" -f environment.yml
source activate "$name"
python train.py
