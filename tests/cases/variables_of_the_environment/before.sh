#!/bin/bash
#SBATCH --time=1:00:00
# conda sets the variables that an environment has at each activation; a virtualenv has none.
conda activate myenv
python train.py "$MODEL_DIR"
