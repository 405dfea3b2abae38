#!/bin/bash
srun -n 2 bash -lc "conda activate \"\$ENV\" && python x.py"
parallel -j 2 'conda activate a; python {}' ::: a b
singularity exec i.sif bash -c 'conda activate x'
eval 'conda activate b'
sbatch --wrap 'bash -c "source activate c; python x"'
