#!/bin/bash
#SBATCH --time=0:30:00
# The function means another environment at its second call.
ENV=prep
step() {
    module load StdEnv/2023 python/3.11 || exit 1
    if [ ! -d "$SLURM_TMPDIR/${ENV##*/}" ]; then
        virtualenv --no-download "$SLURM_TMPDIR/${ENV##*/}" || exit 1
        "$SLURM_TMPDIR/${ENV##*/}/bin/pip" install --no-index --upgrade pip || exit 1
        "$SLURM_TMPDIR/${ENV##*/}/bin/pip" install --no-index -r "$SLURM_SUBMIT_DIR/requirements-${ENV##*/}.txt" || exit 1
    fi
    env PATH="$SLURM_TMPDIR/${ENV##*/}/bin:$PATH" python "$1"
}
step a.py
ENV=train
step b.py
