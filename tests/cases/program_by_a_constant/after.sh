#!/bin/bash
#SBATCH --time=1:00:00
# The folder is named once, above; the lines that use it do not speak of conda.
readonly ENV=$HOME/miniconda3/envs/myenv
BIN=$ENV/bin
"${ENV}/bin/samtools" sort a.bam -o b.bam
srun $BIN/bcftools call b.bam
