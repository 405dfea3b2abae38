#!/bin/bash
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=2
# Each of the four tasks would make the environment at once.
srun bash -c "source activate myenv; python train.py --rank \$SLURM_PROCID"
