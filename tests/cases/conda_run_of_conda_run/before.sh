#!/bin/bash
#SBATCH --time=1:00:00
# The inner environment is the one that counts.
conda run -n myenv conda run -n myenv python a.py
