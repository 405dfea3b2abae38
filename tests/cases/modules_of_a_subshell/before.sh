#!/bin/bash
#SBATCH --time=1:00:00
for e in a b; do
    ( conda activate $e; python x.py $e )
done
