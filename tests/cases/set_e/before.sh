#!/bin/bash
#SBATCH --time=1:00:00
# Nothing may fail here, and no variable may be unset.
set -euo pipefail

module load anaconda3/2023.03
eval "$(conda shell.bash hook)"
conda activate myenv
python train.py
