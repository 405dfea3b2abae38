#!/bin/bash
#SBATCH --time=1:00:00
# Before the answer nobody knows which environment it is.
select e in prepare train; do
    if [ -n "${VIRTUAL_ENV:-}" ]; then deactivate; fi
    module load StdEnv/2023 python/3.11 || exit 1
    if [ ! -d "$SLURM_TMPDIR/${e##*/}" ]; then
        virtualenv --no-download "$SLURM_TMPDIR/${e##*/}" || exit 1
        source "$SLURM_TMPDIR/${e##*/}/bin/activate" || exit 1
        pip install --no-index --upgrade pip || exit 1
        pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-${e##*/}.txt" || exit 1
    fi
    source "$SLURM_TMPDIR/${e##*/}/bin/activate" || exit 1
    break
done
python step.py
