#!/bin/bash
#SBATCH --time=0:30:00

setup() {
    module load miniconda3
    source ~/miniconda3/etc/profile.d/conda.sh
    conda activate myenv
}

run() {
	python train.py six click --seed="$1"
}

setup
run 1
run 2
