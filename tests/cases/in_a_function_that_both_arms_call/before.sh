#!/bin/bash
#SBATCH --time=1:00:00
setup() {
    conda activate myenv
}
if [ "$1" = train ]; then
    setup
    python train.py
else
    setup
    python test.py
fi
