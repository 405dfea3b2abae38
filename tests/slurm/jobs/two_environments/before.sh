#!/bin/bash
#SBATCH --time=0:30:00
source $HOME/miniconda3/etc/profile.d/conda.sh

conda activate prepare
python train.py six attrs
conda deactivate

conda activate analyse
python train.py tqdm click
pip list 2>/dev/null | grep -q '^six ' && echo "the first environment is still there"
conda deactivate

conda activate prepare
python train.py six attrs
