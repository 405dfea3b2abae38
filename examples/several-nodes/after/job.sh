#!/bin/bash
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=4
#SBATCH --mem-per-cpu=4G
#SBATCH --time=3:00:00

set -euo pipefail

module load StdEnv/2023 python/3.11 gcc openmpi mpi4py/4.1.0 || exit 1
srun --overlap --mem=0 --export=ALL --nodes="$SLURM_NNODES" --ntasks="$SLURM_NNODES" --ntasks-per-node=1 bash <<'SLURMFIX' || exit 1
set -e
virtualenv --no-download "$SLURM_TMPDIR/ocean"
source "$SLURM_TMPDIR/ocean/bin/activate"
pip install --no-index --upgrade pip
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-ocean.txt"
SLURMFIX
source "$SLURM_TMPDIR/ocean/bin/activate" || exit 1

srun python simulate.py --steps 10000
