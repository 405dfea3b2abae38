#!/bin/bash
#SBATCH --time=1:00:00
# Which environment is meant, its author has to say.
conda run -n myenv conda run -n myenv python a.py
