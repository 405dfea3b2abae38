#!/bin/bash
#SBATCH --time=1:00:00
# A program of the author's own that was linked to conda's libraries finds them in these folders.
source activate myenv
export LD_LIBRARY_PATH=$HOME/miniconda3/envs/myenv/lib:/opt/mine/lib:$LD_LIBRARY_PATH
export LD_PRELOAD=$HOME/miniconda3/envs/myenv/lib/libstdc++.so.6
./simulate input.txt
