#!/bin/bash
#SBATCH --time=1:00:00
# The second environment needs another module: the first is left before it is loaded.
conda activate old
python a.py
conda activate new
python b.py
