#!/bin/bash
#SBATCH --time=1:00:00
for sample in a b c; do
    conda activate align
    samtools sort $sample.bam
    conda deactivate
    conda activate call
    samtools view $sample.bam
    conda deactivate
done
