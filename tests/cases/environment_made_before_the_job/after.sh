#!/bin/bash
#SBATCH --time=1:00:00
# Trillium's nodes reach no index, and jobs only source what was made on a login node: that has to be said, and that
# what was compiled for MPICH does not run with Open MPI.
module load StdEnv/2023 python/3.11 gcc openmpi mpi4py/4.1.0 || exit 1
source "$HOME/virtualenvs/myenv/bin/activate" || exit 1
srun python train.py
