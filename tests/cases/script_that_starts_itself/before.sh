#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --nodes=1 --ntasks=4
if [ -z "$IN_STEP" ]; then
    export IN_STEP=1
    srun bash "$0"
    exit $?
fi
source activate myenv
python x.py
