#!/bin/bash
#SBATCH --time=0:30:00
module load miniconda3
conda activate maps
gmt begin map png
gmt coast -R-130/-70/24/52 -B -Wthin
gmt end
