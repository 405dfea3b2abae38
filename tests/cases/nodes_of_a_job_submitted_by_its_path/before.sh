#!/bin/bash
cat > job.sh <<'EOF'
#!/bin/bash
#SBATCH --time=1:00:00
conda activate myenv
srun python x.py
EOF
sbatch -N 2 ./job.sh
