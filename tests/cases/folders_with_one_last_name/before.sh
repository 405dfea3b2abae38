#!/bin/bash
#SBATCH --time=0:30:00
# They may be two environments, or one in two ways to write it.
conda activate $SCRATCH/envs/torch
python a.py
conda deactivate
conda activate $PROJECT/envs/torch
python b.py
