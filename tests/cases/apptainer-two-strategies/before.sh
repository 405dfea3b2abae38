#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --gpus-per-node=1
source ~/miniconda3/etc/profile.d/conda.sh
conda activate scaffolds
medusa-scaffolder -i reads.bam
conda deactivate
conda activate train
python train.py --data scaffolds.txt
conda deactivate
conda run -n scaffolds medusa-scaffolder --check | tee check.log
