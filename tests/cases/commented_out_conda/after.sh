#!/bin/bash
#SBATCH --time=1:00:00
# What is commented out or only printed is left as it is.
#module load miniconda3
# conda activate oldenv
echo "conda activate myenv"
printf 'source activate %s\n' myenv
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
cat <<EOF
conda activate is data here
EOF
python train.py
