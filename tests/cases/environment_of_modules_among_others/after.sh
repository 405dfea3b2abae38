#!/bin/bash
#SBATCH --time=1:00:00
# All that geo holds are modules; where its name is one of several, its requirements file is there, too, if empty.
environment=ml
if [ "$1" = maps ]; then
    environment=geo
fi
module load StdEnv/2023 python/3.11 gcc gdal/3.9.1 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/${environment##*/}" || exit 1
source "$SLURM_TMPDIR/${environment##*/}/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-${environment##*/}.txt" || exit 1
python train.py
