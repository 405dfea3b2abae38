#!/bin/bash
#SBATCH --time=1:00:00
run() {
    conda activate myenv
    python "$1"
    conda deactivate
}
echo start
run a.py
run b.py
