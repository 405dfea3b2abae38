#!/bin/bash
#SBATCH --time=1:00:00
cat > inner.sh <<EOF
source activate myenv
python train.py
EOF
apptainer exec img.sif bash inner.sh
