#!/bin/bash
if [ -n "$1" ]; then
	sbatch <<-EOF
		#!/bin/bash
		#SBATCH --time=1:00:00
		source activate myenv
		python train.py $1
	EOF
fi
