#!/bin/bash
#SBATCH --time=0:30:00
# What python prints is kept, though nobody looks at where conda is; and what show.py prints is seen.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/ml" || exit 1
"$SLURM_TMPDIR/ml/bin/pip" install --no-index --upgrade pip || exit 1
"$SLURM_TMPDIR/ml/bin/pip" install --no-index -r "$SLURM_SUBMIT_DIR/requirements-ml.txt" || exit 1
total=$(
    source "$SLURM_TMPDIR/ml/bin/activate" || exit 1
    python count.py
)
echo "$total"
echo "$(conda info --base; python show.py)"
