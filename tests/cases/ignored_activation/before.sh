#!/bin/bash
#SBATCH --time=1:00:00
# What is kept is left again where its author leaves it.
source ~/miniconda3/etc/profile.d/conda.sh
conda activate vision # slurmfix: ignore
python a.py
conda deactivate
conda activate myenv
python b.py
conda deactivate
