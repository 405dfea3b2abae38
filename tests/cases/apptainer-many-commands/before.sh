#!/bin/bash
#SBATCH --time=3:00:00
#SBATCH --ntasks=4
set -euo pipefail
module load miniconda3
source activate scaffolds
for sample in a b; do
    bwa mem ref.fa $sample.fq | samtools sort -o $sample.bam -
    samtools index $sample.bam
    n=$(samtools view -c $sample.bam)
    echo "$sample: $n"
done
medusa-scaffolder -i a.bam
srun medusa-scaffolder --part $SLURM_NTASKS
ls *.bam | xargs -n1 samtools flagstat
time samtools depth a.bam > depth.txt
srun bash -c 'samtools idxstats $SLURM_JOB_ID.bam'
python summary.py --out ~/results
conda deactivate
