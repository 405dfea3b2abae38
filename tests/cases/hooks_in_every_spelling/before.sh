#!/bin/bash -l
#SBATCH --time=1:00:00
# Years of advice from the internet; one of these would have done.
module purge
module load StdEnv/2023
module load Miniconda3/22.11.1-1
export PATH="$HOME/miniconda3/bin:$PATH"
. "$HOME/miniconda3/etc/profile.d/conda.sh"
source "$(conda info --base)/etc/profile.d/conda.sh"
eval "$($HOME/miniconda3/bin/conda 'shell.bash' 'hook' 2> /dev/null)"
eval "$(conda shell.bash hook)"
conda init bash
source ~/.bashrc
conda activate myenv
python train.py
