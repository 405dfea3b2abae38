#!/bin/bash
#SBATCH --time=1:00:00
# The question goes with the path that it is part of.
"$(conda info --base)/bin/conda" run -n myenv python a.py
