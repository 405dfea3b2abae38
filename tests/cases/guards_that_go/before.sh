#!/bin/bash
#SBATCH --time=1:00:00
# Where conda is missing, the job stops in as many ways as people write it; none of them may stop the rewritten one.
set -e
if ! [ -x "$(command -v conda)" ]; then
    echo "Error: conda is not installed" >&2
    exit 1
fi
[ -z "$(which conda)" ] && exit 1
[[ -n $(type -p conda) ]] || { echo "no conda"; exit 1; }
test "$(command -v conda)" || exit 1
[ -d "$HOME/miniconda3" ] || exit 1
while ! command -v conda; do sleep 1; done
command -v conda >/dev/null || command -v mamba >/dev/null || exit 1
CONDA=$(which conda); [ -n "$CONDA" ] || exit 2
CONDA_BASE=$(dirname $(dirname $(which conda)))
if [ -f "$CONDA_BASE/etc/profile.d/conda.sh" ]; then
    source "$CONDA_BASE/etc/profile.d/conda.sh"
elif command -v conda; then
    eval "$(conda shell.bash hook)"
else
    echo "no conda"
    exit 1
fi
echo "conda: $(which conda)"
which conda
if [ $? -ne 0 ]; then exit 1; fi
source "$CONDA_BASE/bin/activate" myenv
python train.py
