#!/bin/bash
#SBATCH --time=1:00:00
# The results hold what the programs print, and nothing of the build.
{
    {
        module load StdEnv/2023 python/3.11 || exit 1
        virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
        source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
        pip install --no-index --upgrade pip || exit 1
        pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
    } >&2
    python header.py
    for fold in 1 2 3; do
        python fold.py $fold
    done
} > results.csv
{
    source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
    python summary.py
} > summary.log 2>&1
