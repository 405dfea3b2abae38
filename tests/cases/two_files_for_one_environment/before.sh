#!/bin/bash
#SBATCH --time=1:00:00
# Two files beside the job describe myenv, and only a person knows which of them made it.
conda activate myenv
python train.py
