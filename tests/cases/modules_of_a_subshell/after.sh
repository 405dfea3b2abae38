#!/bin/bash
#SBATCH --time=1:00:00
for e in a b; do
    module load StdEnv/2023 python/3.11 gcc arrow/24.0.0 opencv/4.13.0 || exit 1
    if [ ! -d "$SLURM_TMPDIR/${e##*/}" ]; then
        virtualenv --no-download "$SLURM_TMPDIR/${e##*/}" || exit 1
        "$SLURM_TMPDIR/${e##*/}/bin/pip" install --no-index --upgrade pip || exit 1
        "$SLURM_TMPDIR/${e##*/}/bin/pip" install --no-index -r "$SLURM_SUBMIT_DIR/requirements-${e##*/}.txt" || exit 1
    fi
    ( source "$SLURM_TMPDIR/${e##*/}/bin/activate" || exit 1; python x.py $e )
done
