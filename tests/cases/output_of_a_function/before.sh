#!/bin/bash
#SBATCH --time=0:30:00
# What the build prints is no part of the count.
count() {
    conda activate "$1"
    python count.py
}
total=$(count prep)
python use.py "$total"
