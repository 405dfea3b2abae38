#!/bin/bash
#SBATCH --time=1:00:00
# The rules of the workflow name environments that this script does not show.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/smk" || exit 1
source "$SLURM_TMPDIR/smk/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-smk.txt" || exit 1
snakemake --use-conda -j 8
