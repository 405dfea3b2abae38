#!/bin/bash
#SBATCH --time=1:00:00
# Submitted from a shell in which the environment is active; without conda this would end every job.
if [[ $CONDA_DEFAULT_ENV != myenv ]]; then
    echo "activate myenv first"
    exit 1
fi
python train.py
