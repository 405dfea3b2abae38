#!/bin/bash
#SBATCH --time=1:00:00
# What is commented out or only printed is left as it is.
#module load miniconda3
# conda activate oldenv
echo "conda activate myenv"
printf 'source activate %s\n' myenv
source activate myenv
cat <<EOF
conda activate is data here
EOF
python train.py
