#!/bin/bash
#SBATCH --time=1:00:00
# The rules of the workflow name environments that this script does not show.
conda activate smk
snakemake --use-conda -j 8
