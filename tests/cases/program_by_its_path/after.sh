#!/bin/bash
#SBATCH --time=1:00:00
# No virtualenv holds samtools.
/home/alice/miniconda3/envs/myenv/bin/samtools view a.bam
