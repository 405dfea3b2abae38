#!/bin/bash
#SBATCH --time=1:00:00
conda activate prepare
python prepare.py
conda activate train
python train.py
conda activate prepare
python collect.py
conda deactivate
