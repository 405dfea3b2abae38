#!/usr/bin/env python3
#SBATCH --time=1:00:00
import os

os.system("conda run -n myenv python train.py")
