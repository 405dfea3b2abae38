#!/bin/bash
#SBATCH --time=1:00:00
# What the job has written is saved with all that lies beside it: the virtualenv, too.
rsync -a data/ "$SLURM_TMPDIR/"
conda activate myenv
python train.py --out "$SLURM_TMPDIR"
cp -r "$SLURM_TMPDIR/results" out/
tar cf results.tar -C "$SLURM_TMPDIR" .
cp -r $SLURM_TMPDIR/* "$SCRATCH/out/"
