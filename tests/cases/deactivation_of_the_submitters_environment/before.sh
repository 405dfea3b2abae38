#!/bin/bash
#SBATCH --time=1:00:00
# What is active in the shell that submits the job is left first; the rewritten job has nothing to leave.
[[ -n $CONDA_PREFIX ]] && conda deactivate
if [ -n "$CONDA_DEFAULT_ENV" ]; then
    conda deactivate
fi
conda activate myenv
python train.py
