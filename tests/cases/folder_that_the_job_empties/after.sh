#!/bin/bash
#SBATCH --time=1:00:00
# Before anything is built, when the job ends, and once nothing is needed any more, no harm is done.
trap 'rm -rf "$SLURM_TMPDIR"' EXIT
rm -rf $SLURM_TMPDIR/*
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
for fold in 1 2 3; do
    python train.py $fold
    rm -rf ${SLURM_TMPDIR:?}/*
done
deactivate
rm -rf $SLURM_TMPDIR/*
