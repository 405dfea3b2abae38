#!/bin/bash
#SBATCH --time=3:00:00
#SBATCH --cpus-per-task=8
source ~/miniconda3/etc/profile.d/conda.sh
conda activate scaffolds

export OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK
cd data
bwa mem -t 8 ref.fa reads.fq | samtools sort -o out.bam - 2> sort.log
medusa-scaffolder -i out.bam > scaffolds.txt
conda deactivate
gzip scaffolds.txt
