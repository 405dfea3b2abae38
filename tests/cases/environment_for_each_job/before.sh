#!/bin/bash
#SBATCH --time=1:00:00
# Its name differs from job to job, what is in it does not.
conda create -y -p $SLURM_TMPDIR/e_$SLURM_JOB_ID python=3.11 numpy
source activate $SLURM_TMPDIR/e_$SLURM_JOB_ID
python train.py
