#!/bin/bash
#SBATCH --time=1:00:00
# What else hangs on the answer is the author's, and no one else can say which way the job is to go.
need() { command -v "$1" >/dev/null || exit 1; }
need conda
command -v conda >/dev/null && [ -f data.csv ] || exit 1
if ! which conda; then export WITHOUT=1; fi
CONDA_BASE=$(dirname $(dirname $(which conda)))
for tool in conda srun; do
    command -v "$tool" || exit 1
done
if [ -d ~/miniconda3 ]; then
    module load StdEnv/2023 python/3.11 || exit 1
    virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
    source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
    pip install --no-index --upgrade pip || exit 1
    pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
else
    module load python
fi
python train.py --data "$CONDA_BASE/share"
