#!/bin/bash
#SBATCH --time=1:00:00
# Each round has an environment of its own: it cannot be made before the loop.
for step in prepare train; do
    module load StdEnv/2023 python/3.11 || exit 1
    if [ ! -d "$SLURM_TMPDIR/${step##*/}" ]; then
        virtualenv --no-download "$SLURM_TMPDIR/${step##*/}" || exit 1
        source "$SLURM_TMPDIR/${step##*/}/bin/activate" || exit 1
        pip install --no-index --upgrade pip || exit 1
        pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-${step##*/}.txt" || exit 1
    fi
    source "$SLURM_TMPDIR/${step##*/}/bin/activate" || exit 1
    python $step.py
    deactivate
done
