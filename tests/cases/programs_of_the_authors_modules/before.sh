#!/bin/bash
#SBATCH --time=0:30:00
# R is the author's own, whatever letters its module is written with; samtools comes from the environment.
module load R/4.5.0
conda activate plots
Rscript plot.R
samtools view a.bam
