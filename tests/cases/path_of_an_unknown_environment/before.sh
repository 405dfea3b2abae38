#!/bin/bash
#SBATCH --time=1:00:00
export PATH=$HOME/miniconda3/envs/$1/bin:$PATH
python x.py
