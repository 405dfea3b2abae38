#!/bin/bash
#SBATCH --nodes=1
#SBATCH --ntasks=4
cat <<'EOF' > worker.sh
#!/bin/bash
conda activate myenv
python train.py --rank $SLURM_PROCID
EOF
chmod +x worker.sh
srun ./worker.sh
