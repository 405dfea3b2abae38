#!/bin/bash
#SBATCH --time=1:00:00
# What holds for one command alone is left, with a reason.
source activate myenv
PATH=$HOME/miniconda3/envs/other/bin:$PATH python first.py
srun env -u LD_PRELOAD PATH="$HOME/miniconda3/envs/other/bin:$PATH" python second.py
PATH=$HOME/tools/bin:$PATH python third.py
