#!/bin/bash
#SBATCH --time=1:00:00
# The header does not tell that there are two nodes, the step does.
module load StdEnv/2023 python/3.11 || exit 1
srun --ntasks "$SLURM_NNODES" --tasks-per-node=1 bash <<'SLURMFIX' || exit 1
set -e
virtualenv --no-download "$SLURM_TMPDIR/myenv"
source "$SLURM_TMPDIR/myenv/bin/activate"
pip install --no-index --upgrade pip
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt"
SLURMFIX
srun -N 2 -n 2 bash -c "source \"\$SLURM_TMPDIR/myenv/bin/activate\" || exit 1; python train.py"
