#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=2
#SBATCH --gres=gpu:a100:2
module load cuda/12.2 miniconda3
source activate rapids
srun python train.py --rank $SLURM_PROCID
python -m cudf.report <<EOF
$SLURM_JOB_ID
EOF
