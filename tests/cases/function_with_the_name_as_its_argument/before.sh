#!/bin/bash
#SBATCH --time=1:00:00
# $1 is the function's, which takes another environment each time.
run() {
    conda activate "$1"
    python "$2"
    conda deactivate
}
run prepare a.py
run train b.py
