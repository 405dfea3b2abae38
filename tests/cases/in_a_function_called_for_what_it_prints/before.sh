#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --array=1-3
score() {
    conda run -n myenv python score.py "$1"
}
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
