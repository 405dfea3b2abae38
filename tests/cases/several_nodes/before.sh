#!/bin/bash
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=4
# Every node has a $SLURM_TMPDIR of its own.
module load miniconda3
source activate myenv
srun python train.py
