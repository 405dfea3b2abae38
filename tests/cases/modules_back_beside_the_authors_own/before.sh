#!/bin/bash
#SBATCH --time=1:00:00
# The standard environment and Python are the author's own; samtools has to come back all the same.
module load StdEnv/2023 python/3.11
conda activate align
samtools sort a.bam
conda deactivate
conda activate call
samtools view a.bam
conda deactivate
conda activate align
samtools index a.bam
