#!/bin/bash
#SBATCH --time=1:00:00
# Each round has an environment of its own: it cannot be made before the loop.
for step in prepare train; do
    conda activate $step
    python $step.py
    conda deactivate
done
