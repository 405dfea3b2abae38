#!/bin/bash
#SBATCH --time=1:00:00
conda config --set channel_priority strict; conda clean --all -y  # keep the cache small
date > started; conda clean --index-cache; conda clean --tarballs
export LC_ALL=C PATH=$HOME/bin:$PATH:$HOME/miniconda3/condabin:$HOME/miniconda3/bin
conda activate myenv
python train.py
