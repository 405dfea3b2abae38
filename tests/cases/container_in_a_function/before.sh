#!/bin/bash
#SBATCH --time=1:00:00
run_in() {
    singularity exec --bind /scratch img.sif "$@"
}
log() {
    echo "$@"
}
run_in conda run -n other python x.py
run_in bash -c "source activate other; python x.py"
source activate myenv
log "singularity is done"
python train.py
