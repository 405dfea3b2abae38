#!/bin/bash
#SBATCH --time=1:00:00
# Before the answer nobody knows which environment it is.
select e in prepare train; do
    conda activate $e
    break
done
python step.py
