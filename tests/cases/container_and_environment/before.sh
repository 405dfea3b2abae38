#!/bin/bash
#SBATCH --time=1:00:00
module load apptainer miniconda3
singularity exec image.sif bash -c "source activate inner; ./prepare"
source activate myenv
python train.py
