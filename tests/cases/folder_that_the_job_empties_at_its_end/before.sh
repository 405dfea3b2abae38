#!/bin/bash
#SBATCH --time=1:00:00
# Emptied before anything is built, when the job ends, and in parts: all that uses the environment has run.
clean() { rm -rf "$SLURM_TMPDIR"; }
trap clean EXIT
rm -rf "$SLURM_TMPDIR"
conda activate myenv
python train.py
rm -rf $SLURM_TMPDIR/data
python test.py
cp -r $SLURM_TMPDIR/results $SCRATCH
conda deactivate
rm -rf "$SLURM_TMPDIR"
echo done
