#!/bin/bash
#SBATCH --time=0:30:00
# Neither the call through a variable nor the text that bash reads from a pipe is followed, but both are told of.
CONDA=$HOME/miniconda3/bin/conda
eval "$($CONDA shell.bash hook)"
conda activate train
python a.py
$CONDA run -n prep python b.py
MAMBA_BIN=micromamba
$MAMBA_BIN run -n prep python d.py
cat <<END | bash
conda activate prep
python c.py
END
