#!/bin/bash
#SBATCH --time=1:00:00
# Trillium's nodes reach no index, and jobs only source what was made on a login node: that has to be said, and that
# what was compiled for MPICH does not run with Open MPI.
conda activate myenv
srun python train.py
