#!/bin/bash
sime=1 --wrap="source activate x; python y.py"
srun bash -c 'conda activate x && python y.py'
