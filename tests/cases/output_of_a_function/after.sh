#!/bin/bash
#SBATCH --time=0:30:00
# What the build prints is no part of the count.
count() {
    {
        module load StdEnv/2023 python/3.11 || exit 1
        if [ ! -d "$SLURM_TMPDIR/${1##*/}" ]; then
            virtualenv --no-download "$SLURM_TMPDIR/${1##*/}" || exit 1
            source "$SLURM_TMPDIR/${1##*/}/bin/activate" || exit 1
            pip install --no-index --upgrade pip || exit 1
            pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-${1##*/}.txt" || exit 1
        fi
        source "$SLURM_TMPDIR/${1##*/}/bin/activate" || exit 1
    } >&2
    python count.py
}
total=$(count prep)
python use.py "$total"
