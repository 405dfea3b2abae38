#!/bin/bash
#SBATCH --time=1:00:00
# Made once, before the first of the two.
echo start
conda run -n myenv python a.py --lr 0.1
conda run --no-capture-output -n myenv python b.py > b.log
