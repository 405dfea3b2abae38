#!/bin/bash
cat > job.sh <<'EOF'
#!/bin/bash
#SBATCH --time=1:00:00
module load StdEnv/2023 python/3.11 || exit 1
srun --ntasks "$SLURM_NNODES" --tasks-per-node=1 bash <<'SLURMFIX' || exit 1
set -e
virtualenv --no-download "$SLURM_TMPDIR/myenv"
source "$SLURM_TMPDIR/myenv/bin/activate"
pip install --no-index --upgrade pip
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt"
SLURMFIX
source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
srun python x.py
EOF
sbatch -N 2 ./job.sh
