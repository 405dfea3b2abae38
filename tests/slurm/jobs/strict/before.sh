#!/bin/bash
#SBATCH --time=0:30:00
set -euo pipefail
export PATH="$HOME/miniconda3/bin:$PATH"
source activate myenv
python train.py six click | tee train.log
