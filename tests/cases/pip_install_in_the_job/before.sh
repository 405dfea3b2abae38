#!/bin/bash
#SBATCH --time=1:00:00
source activate myenv
pip install --user tqdm
pip install git+https://example.org/tool.git
python train.py
