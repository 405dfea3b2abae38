#!/bin/bash
#SBATCH --nodes=2
srun conda run -n myenv python train.py
