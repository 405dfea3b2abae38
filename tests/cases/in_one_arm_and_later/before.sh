#!/bin/bash
#SBATCH --time=1:00:00
if [ ! -f data.npz ]; then
    conda activate myenv
    python prepare.py
    conda deactivate
fi
./solve
conda activate myenv
python plot.py
