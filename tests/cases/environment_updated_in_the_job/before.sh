#!/bin/bash
#SBATCH --time=1:00:00
# Both files are installed; where they disagree, the later one counts.
conda env create -n bar --file environment.yml
conda env update -n bar -f extra.yml
source activate bar
python train.py
