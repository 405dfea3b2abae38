#!/bin/bash
#SBATCH --time=0:30:00
# The first call of the function is the one that retry makes.
retry() {
    "$@" || "$@"
}
work() {
    source "$SLURM_TMPDIR/prep/bin/activate" || exit 1
    python work.py
    deactivate
}
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/prep" || exit 1
"$SLURM_TMPDIR/prep/bin/pip" install --no-index --upgrade pip || exit 1
"$SLURM_TMPDIR/prep/bin/pip" install --no-index -r "$SLURM_SUBMIT_DIR/requirements-prep.txt" || exit 1
retry work
work
