#!/bin/bash
#SBATCH --time=1:00:00
# What the environment is told to set has to be exported by the job, or the step runs without it.
conda env config vars set OMP_PROC_BIND=close
conda activate myenv
python train.py
