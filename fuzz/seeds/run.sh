#!/bin/bash
#SBATCH --nodes=2
conda run --no-capture-output -n foo python a.py > out 2>&1 &
wait
(mamba activate b; python b.py)
