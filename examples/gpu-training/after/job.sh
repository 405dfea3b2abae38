#!/bin/bash
#SBATCH --account=def-someuser
#SBATCH --gpus-per-node=1
#SBATCH --cpus-per-task=6
#SBATCH --mem=32G
#SBATCH --time=0-12:00

module load cuda/12.2
# torch 2.1
module load StdEnv/2023 python/3.11 gcc arrow/25.0.0 opencv/4.13.0 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/vision" || exit 1
source "$SLURM_TMPDIR/vision/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-vision.txt" || exit 1

export OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK
python train.py --data "$SCRATCH/images" --epochs 90

deactivate
