#!/bin/bash
#SBATCH --time=1:00:00
module load StdEnv/2023 gcc r/4.5.0 r-bundle-bioconductor/3.21 || exit 1
Rscript deseq.R
