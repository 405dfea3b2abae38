#!/bin/bash
#SBATCH --time=2:00:00
source ~/miniconda3/etc/profile.d/conda.sh
conda activate myenv
cp ~/miniconda3/envs/myenv/share/model/weights.bin .
python annotate.py --index=$HOME/miniconda3/envs/myenv/share/index < ~/miniconda3/envs/myenv/etc/answers.txt
for e in ~/miniconda3/envs/one ~/miniconda3/envs/two; do
    $e/bin/python compare.py
done
