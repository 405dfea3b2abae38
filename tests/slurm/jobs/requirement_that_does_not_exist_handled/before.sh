#!/bin/bash
#SBATCH --time=0:30:00
source ~/miniconda3/etc/profile.d/conda.sh
if ! conda activate myenv; then
    echo "no environment"
    exit 7
fi
python train.py six
echo "the work is done"
