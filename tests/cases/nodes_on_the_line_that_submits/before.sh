#!/bin/bash
# What stands on sbatch's own line counts more than the header.
sbatch -N 2 <<'EOF'
#!/bin/bash
#SBATCH --nodes=1
source activate myenv
srun python train.py
EOF
