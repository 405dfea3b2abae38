#!/bin/bash
for seed in 1 2; do
    sbatch --time=1:00:00 --wrap="source activate myenv; python train.py --seed $seed"
done
