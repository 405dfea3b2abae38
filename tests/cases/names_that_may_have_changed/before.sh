#!/bin/bash
#SBATCH --time=0:30:00
# Nobody sees here what settings.sh gives ENV, nor whether the environment is still the one looked for.
ENV=prep
source settings.sh
conda activate $ENV
if [[ "$(which python)" != *envs/prep* ]]; then echo "wrong python"; exit 1; fi
mkdir -p $SLURM_TMPDIR/prep/data
python prepare.py --data $SLURM_TMPDIR/prep/data
