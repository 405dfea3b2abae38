#!/bin/bash
#SBATCH --time=1:00:00
conda env create -f /home/me/specs/tools.yml -n tools
conda activate tools
conda install -y tqdm
conda remove -y scipy
python x.py
