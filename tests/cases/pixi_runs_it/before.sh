#!/bin/bash
#SBATCH --time=1:00:00
cd $SLURM_SUBMIT_DIR
eval "$(pixi shell-hook)"
srun python train.py
pixi run python test.py
echo "pixi run is not meant here"
