#!/bin/bash
# Submits one job for each seed; $seed is this shell's, $SLURM_TMPDIR must be the job's.
for seed in 1 2 3; do
sbatch <<EOF
#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --job-name=seed-$seed
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "\$SLURM_TMPDIR/myenv" || exit 1
source "\$SLURM_TMPDIR/myenv/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "\$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
python train.py --seed $seed --out \$SLURM_JOB_ID
EOF
done
