#!/bin/bash
#SBATCH --time=0:10:00
for seed in 1 2; do
sbatch <<EOF
#!/bin/bash
#SBATCH --job-name=seed$seed
#SBATCH --time=0:10:00
source ~/miniconda3/etc/profile.d/conda.sh
conda activate myenv
python train.py six click --seed=$seed
EOF
done
