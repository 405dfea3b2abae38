#!/bin/bash
#SBATCH --time=1:00:00
# Two at a time: the environment must be there before either starts.
(conda activate myenv; python a.py) &
(conda activate myenv; python b.py) &
wait
