#!/bin/bash
srun -n 2 bash -lc "conda activate \\"$ENV\"
python x.py
