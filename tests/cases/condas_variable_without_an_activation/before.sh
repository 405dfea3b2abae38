#!/bin/bash
#SBATCH --time=1:00:00
# Which environment the start-up file activates, nobody can tell from here.
source ~/.bashrc
srun $CONDA_PREFIX/bin/python train.py
conda run -n other bash -c 'echo $CONDA_PREFIX'
