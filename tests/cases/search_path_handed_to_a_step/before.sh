#!/bin/bash
#SBATCH --time=1:00:00
# An option hands the path on, as an assignment in front of the command would.
srun --export=ALL,PATH=/x/miniconda3/envs/myenv/bin:$PATH python train.py
mpirun -n 4 -x "LD_LIBRARY_PATH=/x/miniconda3/envs/myenv/lib" ./simulate
