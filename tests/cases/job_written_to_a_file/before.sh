#!/bin/bash
# The job script is written first, and submitted then.
cat > job_a.sh <<'EOF'
#!/bin/bash
#SBATCH --time=1:00:00
source ~/miniconda3/etc/profile.d/conda.sh
conda activate myenv
python train.py
EOF
sbatch job_a.sh
