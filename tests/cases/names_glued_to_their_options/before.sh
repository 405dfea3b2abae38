#!/bin/bash
#SBATCH --time=1:00:00
ENVS=$SCRATCH/envs
conda create -y -nfirst python=3.11 numpy
conda install -y --name=first -cconda-forge scipy
conda create -yp=$ENVS/second python=3.11 pandas
conda update "--prefix=$ENVS/second" -c=conda-forge pyyaml
conda activate first
python train.py
conda deactivate
micromamba activate -p$ENVS/second
python test.py
conda run --no-capture-output -n"first" python plot.py
conda run -p="$ENVS/second" python table.py
conda remove -nfirst scipy
