#!/bin/bash
#SBATCH --time=1:00:00
for part in $(conda run -n myenv python parts.py); do
    echo "$part"
done
