#!/bin/bash
#SBATCH --time=1:00:00
# The header does not tell that there are two nodes, the step does.
srun -N 2 -n 2 bash -c "conda activate myenv; python train.py"
