#!/bin/bash
#SBATCH --time=1:00:00
# The requirements file is named from the folder that the job was submitted in, not from where the job has gone.
cd "$SCRATCH/run" || exit
source activate myenv
python train.py
