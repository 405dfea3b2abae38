#!/bin/bash
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=4
#SBATCH --mem-per-cpu=4G
#SBATCH --time=3:00:00

set -euo pipefail

source "$HOME/miniconda3/etc/profile.d/conda.sh"
conda activate ocean

srun python simulate.py --steps 10000
