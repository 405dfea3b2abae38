#!/bin/bash
#SBATCH --time=1:00:00
if true; then
	echo 'é ✓ 日本'; conda activate myenv	# été
	python train.py
fi
