#!/bin/bash
#SBATCH --time=0:30:00
# conda init writes into the file that is read next, and for nothing else.
conda init bash
source ~/.bashrc
conda activate ml
python train.py
