#!/bin/bash
#SBATCH --time=1:00:00
conda activate myenv
module load StdEnv/2020 gcc/9.3.0 netcdf/4.7.4
./solver
python post.py
