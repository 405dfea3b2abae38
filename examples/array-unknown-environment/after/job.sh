#!/bin/bash -l
#SBATCH --array=1-20
#SBATCH --time=1:00:00
#SBATCH --mem=4G

{ module load StdEnv/2023 python/3.11 &&
    virtualenv --no-download "$SLURM_TMPDIR/stats" &&
    source "$SLURM_TMPDIR/stats/bin/activate" &&
    pip install --no-index --upgrade pip &&
    pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-stats.txt"; } || { echo "no environment" >&2; exit 1; }

python fit.py --chunk "$SLURM_ARRAY_TASK_ID"
