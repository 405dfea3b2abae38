#!/bin/bash
#SBATCH --time=1:00:00
# `command` and `builtin` run what follows in the same shell.
builtin source activate myenv
python train.py
command conda deactivate
