#!/bin/bash
#SBATCH --time=1:00:00
module load miniconda3
conda env create -f environment.yml
source activate myenv
python train.py
conda env remove -y -n myenv
