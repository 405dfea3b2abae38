#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --mem=8G
module load StdEnv/2023 python/3.11 gcc arrow/24.0.0 opencv/4.13.0 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
source "$SLURM_TMPDIR/myenv/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
pip install --no-index "opencv-python<5" pyarrow tqdm==4.* labtool -r more.txt
python train.py
