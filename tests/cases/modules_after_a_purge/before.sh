#!/bin/bash
#SBATCH --time=0:30:00
# What a purge takes away is loaded again, also where it comes round with a loop.
conda activate ml
python train.py
module purge
conda activate bio
samtools index a.bam
conda deactivate
for fold in 1 2; do
    module purge
    conda activate bio
    samtools view fold$fold.bam
    conda deactivate
done
