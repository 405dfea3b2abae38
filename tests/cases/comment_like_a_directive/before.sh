#!/bin/bash
#SBATCH --time=1:00:00
module load anaconda3 #SBATCH --nodes=2 was too much
source activate myenv
python a.py
