#!/bin/bash
#SBATCH --time=1:00:00
conda activate myenv
# Without conda this would end every job.
[ -n "$CONDA_PREFIX" ] || { echo "no conda"; exit 1; }
python train.py
