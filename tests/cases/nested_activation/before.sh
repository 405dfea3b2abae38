#!/bin/bash
#SBATCH --time=1:00:00
# conda keeps a stack: the deactivation leads back to the outer one.
conda activate outer
python a.py
conda activate inner
python b.py
conda deactivate
python c.py
conda deactivate
./report
