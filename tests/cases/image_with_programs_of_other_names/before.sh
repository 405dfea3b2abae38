#!/bin/bash
#SBATCH --time=1:00:00
source activate deg
trim_galore x.fq
salmon quant -i idx -l A -r x.fq -o out
Rscript deseq.R
