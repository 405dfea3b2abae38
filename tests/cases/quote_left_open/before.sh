#!/bin/bash
#SBATCH --time=1:00:00
# The quote that opens here takes in all that follows, which is no job any more.
export NAME="my run
conda activate myenv
python train.py
