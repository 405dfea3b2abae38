#!/bin/bash
#SBATCH --time=1:00:00
# Other jobs inherit the search path of this one, but not the folder on its node that holds the virtualenv.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
python prepare.py
sbatch evaluate.sh
sbatch --time=10 --wrap "python plot.py"
snakemake --executor slurm --jobs 10
deactivate
sbatch clean_up.sh
