#!/bin/bash
#SBATCH --time=1:00:00
# The activation is the condition: the job goes on without it.
if conda activate myenv; then
    python train.py
else
    echo "running the fallback"
    ./fallback
fi
