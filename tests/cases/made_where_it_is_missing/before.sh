#!/bin/bash
#SBATCH --time=1:00:00
# Which arm is taken depends on what lies in the home folder; the job's own environment is new each time.
if [ ! -d "$HOME/.conda/envs/myenv" ]; then
    conda env create -f environment.yml
    conda install -y -n myenv scipy
    conda activate myenv
    pip install wandb
else
    conda activate myenv
fi
python train.py
