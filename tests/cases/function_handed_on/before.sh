#!/bin/bash
#SBATCH --time=0:30:00
# The first call of the function is the one that retry makes.
retry() {
    "$@" || "$@"
}
work() {
    conda activate prep
    python work.py
    conda deactivate
}
retry work
work
