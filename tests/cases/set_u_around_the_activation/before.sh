#!/bin/bash
#SBATCH --time=1:00:00
# conda's own scripts do not bear set -u: people turn it off around them.
set -eu
set +u
source activate myenv
set -u
python train.py
