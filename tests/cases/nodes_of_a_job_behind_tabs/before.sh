#!/bin/bash
if true; then
	sbatch <<-EOF
		#!/bin/bash
		#SBATCH --nodes=2
		source activate myenv
		srun python train.py
	EOF
fi
