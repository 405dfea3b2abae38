#!/bin/sh
#SBATCH --time=1:00:00
# A plain sh knows no `source`.
. /home/alice/miniconda3/etc/profile.d/conda.sh
conda activate myenv
python train.py
