#!/bin/bash
#SBATCH --time=1:00:00
conda activate <your environment>
python train.py
