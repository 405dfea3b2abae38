#!/bin/bash
#SBATCH --time=0:30:00
# R is the author's own, whatever letters its module is written with; samtools comes from the environment.
module load R/4.5.0
module load StdEnv/2023 python/3.11 samtools/1.22.1 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/plots" || exit 1
source "$SLURM_TMPDIR/plots/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-plots.txt" || exit 1
Rscript plot.R
samtools view a.bam
