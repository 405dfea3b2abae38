#!/bin/bash
#SBATCH --time=1:00:00
# Three at a time would make the same folder.
run() {
    source activate $1
    python x.py $2
}
for s in 1 2 3; do
    run myenv $s &
done
wait
