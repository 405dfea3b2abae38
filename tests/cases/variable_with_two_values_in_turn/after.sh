#!/bin/bash
#SBATCH --time=1:00:00
# The same line twice, and not the same environment.
ENV=$1
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/${ENV##*/}" || exit 1
source "$SLURM_TMPDIR/${ENV##*/}/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-${ENV##*/}.txt" || exit 1
python a.py
ENV=$2
if [ ! -d "$SLURM_TMPDIR/${ENV##*/}" ]; then
    virtualenv --no-download "$SLURM_TMPDIR/${ENV##*/}" || exit 1
    source "$SLURM_TMPDIR/${ENV##*/}/bin/activate" || exit 1
    pip install --no-index --upgrade pip || exit 1
    pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-${ENV##*/}.txt" || exit 1
fi
source "$SLURM_TMPDIR/${ENV##*/}/bin/activate" || exit 1
python b.py
