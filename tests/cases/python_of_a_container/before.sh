#!/bin/bash
#SBATCH --time=2:00:00
PYTHON=/opt/conda/envs/tool/bin/python
apptainer exec tool.sif $PYTHON prepare.py
source ~/miniconda3/bin/activate myenv
python train.py
