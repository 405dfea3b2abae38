#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --array=1-3
score() {
    env PATH="$SLURM_TMPDIR/myenv/bin:$PATH" python score.py "$1"
}
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
"$SLURM_TMPDIR/myenv/bin/pip" install --no-index --upgrade pip || exit 1
"$SLURM_TMPDIR/myenv/bin/pip" install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
if [ -n "$VERBOSE" ]; then
    cat <<EOF
The model of task $SLURM_ARRAY_TASK_ID scores $(score "model-$SLURM_ARRAY_TASK_ID")
EOF
else
    export BEST=$(score best)
fi
for value in $(score all); do
    echo "value $value"
done
