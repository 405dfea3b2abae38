#!/bin/bash
# Submits one job for each seed; $seed is this shell's, $SLURM_TMPDIR must be the job's.
for seed in 1 2 3; do
sbatch <<EOF
#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --job-name=seed-$seed
module load anaconda3
source activate myenv
python train.py --seed $seed --out \$SLURM_JOB_ID
EOF
done
