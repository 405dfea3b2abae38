#!/bin/bash
cat > job_a.sh <<'EOF'
#!/bin/bash
#SBATCH --time=1:00:00
source activate myenv
srun python train.py
EOF
sbatch --nodes 2 job_a.sh
