#!/bin/bash
#SBATCH --time=1:00:00
# The first one is the container's own.
singularity exec img.sif conda run -n other python inside.py
conda activate myenv
python train.py
