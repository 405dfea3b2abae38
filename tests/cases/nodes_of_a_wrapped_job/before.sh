#!/bin/bash
sbatch --nodes=2 --time=1:00:00 --wrap 'source activate myenv; srun python train.py'
