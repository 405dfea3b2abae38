#!/bin/bash
#SBATCH --time=2:00:00
#SBATCH --mem=8G

module load miniconda3
for sample in a b c; do
    conda run -n assay --no-capture-output python count.py "$sample.fastq.gz" > "$sample.tsv"
done
samtools --version
