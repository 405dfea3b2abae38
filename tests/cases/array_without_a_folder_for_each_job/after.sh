#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --array=1-9
# All tasks on a node share /tmp there; each builds in a folder by its own job id.
python3 -m venv "${TMPDIR:-/tmp}/$SLURM_JOB_ID/myenv" || exit 1
source "${TMPDIR:-/tmp}/$SLURM_JOB_ID/myenv/bin/activate" || exit 1
pip install --upgrade pip || exit 1
pip install -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
python train.py "$SLURM_ARRAY_TASK_ID"
