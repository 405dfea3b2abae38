#!/bin/bash
#SBATCH --time=1:00:00
# The author looks at the status by himself.
conda activate myenv
if [ $? -ne 0 ]; then
    echo "no environment" >&2
    exit 3
fi
python train.py
