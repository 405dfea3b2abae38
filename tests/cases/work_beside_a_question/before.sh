#!/bin/bash
#SBATCH --time=0:30:00
# What python prints is kept, though nobody looks at where conda is; and what show.py prints is seen.
total=$(
    where=$(conda info --base)
    source "$where/etc/profile.d/conda.sh"
    conda activate ml
    python count.py
)
echo "$total"
echo "$(conda info --base; python show.py)"
