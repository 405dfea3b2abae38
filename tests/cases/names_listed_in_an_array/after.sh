#!/bin/bash
#SBATCH --time=2:00:00
#SBATCH --array=0-1
envs=(qc "align")
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/${envs[$SLURM_ARRAY_TASK_ID]}" || exit 1
source "$SLURM_TMPDIR/${envs[$SLURM_ARRAY_TASK_ID]}/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-${envs[$SLURM_ARRAY_TASK_ID]}.txt" || exit 1
python step.py
