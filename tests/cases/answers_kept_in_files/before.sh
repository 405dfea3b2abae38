#!/bin/bash
#SBATCH --time=1:00:00
# What writes a file is the author's to take away; what only prints goes.
conda info > /dev/null 2>&1
conda info --envs >&2
source activate myenv
conda list > packages.txt
conda env export --no-builds >> packages.txt
conda list -n myenv > after.txt
conda info &> "info.txt"
conda info
python train.py
