#!/bin/bash
#SBATCH --time=0:30:00
# What the job itself searches is not in the image.
conda activate ml
LIBRARIES=$CONDA_PREFIX/lib
export LD_LIBRARY_PATH=$LIBRARIES:$LD_LIBRARY_PATH
python train.py
