#!/bin/bash
#SBATCH --time=0:30:00
# Neither the call through a variable nor the text that bash reads from a pipe is followed, but both are told of.
CONDA=$HOME/miniconda3/bin/conda
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/train" || exit 1
source "$SLURM_TMPDIR/train/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-train.txt" || exit 1
python a.py
$CONDA run -n prep python b.py
MAMBA_BIN=micromamba
$MAMBA_BIN run -n prep python d.py
cat <<END | bash
conda activate prep
python c.py
END
