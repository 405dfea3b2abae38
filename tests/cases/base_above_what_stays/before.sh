#!/bin/bash
#SBATCH --time=1:00:00
# Base is left at once; the last line is for its author, and needs no base.
source ~/miniconda3/etc/profile.d/conda.sh
conda activate
conda activate myenv
python a.py
conda run --cwd /tmp -n other python b.py
