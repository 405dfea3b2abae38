#!/bin/bash
#SBATCH --time=0:30:00
$HOME/miniconda3/envs/myenv/bin/python train.py six click
