#!/bin/bash
sbatch <<'EOF'
#!/bin/bash
#SBATCH --time=1:00:00
source activate myenv
python train.py --out $SLURM_JOB_ID
EOF
