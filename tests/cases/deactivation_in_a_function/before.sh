#!/bin/bash
#SBATCH --time=1:00:00
# The function stands above the activation, and runs below it.
leave() {
    conda deactivate
    echo left
}
conda activate myenv
python train.py
leave
./report
