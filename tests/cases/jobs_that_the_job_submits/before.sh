#!/bin/bash
#SBATCH --time=1:00:00
# Other jobs inherit the search path of this one, but not the folder on its node that holds the virtualenv.
conda activate myenv
python prepare.py
sbatch evaluate.sh
sbatch --time=10 --wrap "python plot.py"
snakemake --executor slurm --jobs 10
conda deactivate
sbatch clean_up.sh
