#!/bin/bash
#SBATCH --nodes=1
#SBATCH --ntasks=4
# Each task would have to build: nobody can say before the step which environment it is.
srun bash -c 'e=env$SLURM_PROCID; source activate $e; python train.py'
