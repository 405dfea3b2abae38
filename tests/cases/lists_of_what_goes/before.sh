#!/bin/bash
#SBATCH --time=1:00:00
BASE=$(conda info --base) && source $BASE/etc/profile.d/conda.sh
conda deactivate || which conda
conda activate myenv; ! conda info && exit 1
conda update -y numpy && echo "$CONDA_PREFIX" > prefix.txt
if [ -d old ]; then conda env list; conda init bash; fi
python train.py
