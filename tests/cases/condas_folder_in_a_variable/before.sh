#!/bin/bash
#SBATCH --time=1:00:00
base=$(conda info --base)
export PATH=$base/condabin:$PATH
source "$base/etc/profile.d/conda.sh"
source $base/bin/activate myenv
python train.py
conda deactivate
root=$(conda info --base)
export PATH=$root/envs/myenv/bin:$PATH
python test.py
