#!/bin/bash
#SBATCH --time=0:30:00
module load miniconda3
conda activate typeset
tectonic --print report.tex
tectonic --outdir=letters letter.tex
