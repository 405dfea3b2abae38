#!/bin/bash
#SBATCH --time=1:00:00
cd $SLURM_SUBMIT_DIR
__conda_setup="$('/home/alice/anaconda3/bin/conda' 'shell.bash' 'hook' 2> /dev/null)"
if [ $? -eq 0 ]; then
    eval "$__conda_setup"
else
    if [ -f "/home/alice/anaconda3/etc/profile.d/conda.sh" ]; then
        . "/home/alice/anaconda3/etc/profile.d/conda.sh"
    else
        export PATH="/home/alice/anaconda3/bin:$PATH"
    fi
fi
unset __conda_setup
conda activate myenv
python train.py
