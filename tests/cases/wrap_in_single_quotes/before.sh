#!/bin/bash
sbatch --time=1:00:00 --wrap='conda activate myenv && python train.py'
