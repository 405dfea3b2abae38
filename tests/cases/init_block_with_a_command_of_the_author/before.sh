#!/bin/bash
#SBATCH --time=1:00:00
# The export in the block is no work of conda's: it must not go with it.
__conda_setup="$('/home/alice/miniconda3/bin/conda' 'shell.bash' 'hook' 2> /dev/null)"
if [ $? -eq 0 ]; then
    eval "$__conda_setup"
    export DATA=/project/data
fi
unset __conda_setup
conda activate myenv
python train.py
