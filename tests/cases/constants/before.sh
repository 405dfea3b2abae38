#!/bin/bash
#SBATCH --time=1:00:00
# The name goes through three variables.
export ROOT=/project/lab
declare -r NAME="myenv"
ENV_DIR="${ROOT}/envs/$NAME"
conda activate "$ENV_DIR"
python train.py
