#!/bin/bash
srun -n 2 bash -lc "conda activate \"/miniconda3/binon x.py"
parallel -j 2 'conda activate a; pythate x'
eval 'conda activate b'
sbatch --w’ßØŒh -c "source activate c; python x"'
