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
module load StdEnv/2023 python/3.11 apptainer/1.4.5 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
log "singularity is done"
python train.py
