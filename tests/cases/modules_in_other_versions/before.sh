#!/bin/bash
#SBATCH --time=1:00:00
# R belongs to the first environment alone, and each of the last two needs its own samtools, also when it comes back.
conda activate rnaseq
Rscript deseq.R
conda activate ml
python b.py
conda activate align
samtools sort a.bam
conda activate call
samtools view a.bam
conda activate align
samtools index a.bam
