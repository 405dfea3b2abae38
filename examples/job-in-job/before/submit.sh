#!/bin/bash
# submits one job for each data set
for set in north south; do
    sbatch <<EOF
#!/bin/bash
#SBATCH --job-name=$set
#SBATCH --time=0:30:00
source activate maps
python draw.py "$set" "\$SLURM_JOB_ID"
EOF
done
