#!/bin/bash
#SBATCH --time=0:30:00
# In its first round the loop goes back to bio, in its second to nothing.
conda activate bio
conda activate ml
for fold in 1 2; do
    python train.py $fold
    conda deactivate
    samtools view fold$fold.bam
done
