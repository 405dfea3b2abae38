#!/bin/bash
#SBATCH --time=1:00:00
{ module load StdEnv/2023 python/3.11 &&
    virtualenv --no-download "$SLURM_TMPDIR/myenv" &&
    "$SLURM_TMPDIR/myenv/bin/pip" install --no-index --upgrade pip &&
    "$SLURM_TMPDIR/myenv/bin/pip" install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt"; } || rm -f "$SLURM_TMPDIR/myenv/bin/activate"
nohup bash -lc 'source "$SLURM_TMPDIR/myenv/bin/activate" && python train.py' > log 2>&1
