#!/bin/bash
#SBATCH --time=1:00:00
source activate deg
Rscript deseq.R
