#!/bin/bash
#SBATCH --time=1:00:00
# Before anything is built, when the job ends, and once nothing is needed any more, no harm is done.
trap 'rm -rf "$SLURM_TMPDIR"' EXIT
rm -rf $SLURM_TMPDIR/*
conda activate myenv
for fold in 1 2 3; do
    python train.py $fold
    rm -rf ${SLURM_TMPDIR:?}/*
done
conda deactivate
rm -rf $SLURM_TMPDIR/*
