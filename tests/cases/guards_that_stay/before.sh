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
    conda activate myenv
else
    module load python
fi
python train.py --data "$CONDA_BASE/share"
