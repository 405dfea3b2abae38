#!/bin/bash
#SBATCH --time=0:30:00
# The function means another environment at its second call.
ENV=prep
step() {
    conda run -n "$ENV" python "$1"
}
step a.py
ENV=train
step b.py
