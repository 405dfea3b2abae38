#!/bin/bash
#SBATCH --time=1:00:00
# $1 is the function's, which takes another environment each time.
run() {
    module load StdEnv/2023 python/3.11 || exit 1
    if [ ! -d "$SLURM_TMPDIR/${1##*/}" ]; then
        virtualenv --no-download "$SLURM_TMPDIR/${1##*/}" || exit 1
        source "$SLURM_TMPDIR/${1##*/}/bin/activate" || exit 1
        pip install --no-index --upgrade pip || exit 1
        pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-${1##*/}.txt" || exit 1
    fi
    source "$SLURM_TMPDIR/${1##*/}/bin/activate" || exit 1
    python "$2"
    deactivate
}
run prepare a.py
run train b.py
