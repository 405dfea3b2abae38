#!/bin/bash
#SBATCH --time=1:00:00
module load r/4.4.0
Rscript -e 'reticulate::use_condaenv("myenv")' -e 'source("fit.R")'
