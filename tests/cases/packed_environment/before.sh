#!/bin/bash
#SBATCH --time=1:00:00
mkdir -p $SLURM_TMPDIR/env
tar -xzf env.tar.gz -C $SLURM_TMPDIR/env
source $SLURM_TMPDIR/env/bin/activate
conda-unpack
python train.py
