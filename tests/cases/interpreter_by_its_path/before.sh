#!/bin/bash
#SBATCH --time=1:00:00
if [ "$1" = test ]; then
    /home/alice/miniconda3/envs/myenv/bin/python3.9 -u test.py
fi
srun "$HOME/miniconda3/envs/myenv/bin/python" train.py
