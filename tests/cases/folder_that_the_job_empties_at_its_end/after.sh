#!/bin/bash
#SBATCH --time=1:00:00
# Emptied before anything is built, when the job ends, and in parts: all that uses the environment has run.
clean() { rm -rf "$SLURM_TMPDIR"; }
trap clean EXIT
rm -rf "$SLURM_TMPDIR"
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
python train.py
rm -rf $SLURM_TMPDIR/data
python test.py
cp -r $SLURM_TMPDIR/results $SCRATCH
deactivate
rm -rf "$SLURM_TMPDIR"
echo done
