#!/bin/bash
module load Anaconda3/2024.02-1 cuda
. activate a
activate b
micromamba activate -n c
conda activate --stack d
source ~/miniconda3/bin/activate e
source /opt/miniconda3/envs/f/bin/activate
source venv/bin/activate
source "$(conda info --base)/etc/profile.d/conda.sh"
source deactivate
