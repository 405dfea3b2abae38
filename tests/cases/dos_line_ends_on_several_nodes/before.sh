#!/bin/bash
#SBATCH --nodes=2
# The heredoc that builds on every node ends at no line that has a carriage return.
conda activate myenv || exit 1
srun python train.py
