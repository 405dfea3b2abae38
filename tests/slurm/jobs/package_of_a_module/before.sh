#!/bin/bash
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --time=0:30:00
module load miniconda3
conda activate myenv
srun python train.py six pyarrow
