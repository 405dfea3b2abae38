#!/bin/bash
#SBATCH --time=1:00:00
module load apptainer
# The container has its own conda.
apptainer exec --nv image.sif bash -c "source activate myenv; python train.py"
