#!/bin/bash
#SBATCH --time=1:00:00
source activate stats
Rscript model.R --chains 4
R --no-save < report.R
conda deactivate
echo done
