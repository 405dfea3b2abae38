#!/bin/bash
#SBATCH --time=1:00:00
# What the program is told is no matter of srun's.
srun -N1 --label --mpi=pmix -n 2 bash -c "conda activate myenv; python train.py -N 5"
srun -n 2 -l python train.py -N 5
mpirun -N 2 python train.py
