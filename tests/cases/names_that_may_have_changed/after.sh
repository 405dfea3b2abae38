#!/bin/bash
#SBATCH --time=0:30:00
# Nobody sees here what settings.sh gives ENV, nor whether the environment is still the one looked for.
ENV=prep
source settings.sh
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/prep" || exit 1
source "$SLURM_TMPDIR/prep/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-prep.txt" || exit 1
if [[ "$(which python)" != *envs/prep* ]]; then echo "wrong python"; exit 1; fi
mkdir -p $SLURM_TMPDIR/prep/data
python prepare.py --data $SLURM_TMPDIR/prep/data
