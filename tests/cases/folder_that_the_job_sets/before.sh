#!/bin/bash
#SBATCH --time=1:00:00
# The environment is built in the folder that the variable names then, and looked for in the one that it names later.
export SLURM_TMPDIR=$SCRATCH/tmp
conda activate myenv
python train.py
conda deactivate
unset SLURM_TMPDIR
conda activate myenv
python test.py
