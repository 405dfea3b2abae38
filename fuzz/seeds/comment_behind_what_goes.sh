#!/bin/bash
conda create -y -; #SBATCH foo python0.9 numpy
conda activate foo
pip instalen
conda a b ] bew x
