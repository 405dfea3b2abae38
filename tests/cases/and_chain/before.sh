#!/bin/bash
#SBATCH --time=1:00:00
# No training without the environment, and the clean-up in any case.
source ~/miniconda3/etc/profile.d/conda.sh && conda activate myenv && python train.py
rm -rf scratch
