#!/bin/bash
#SBATCH --time=1:00:00
# An image takes nothing once it is built.
module load apptainer || exit 1
[ -f "$SLURM_SUBMIT_DIR/myenv-6ae63cd1.sif" ] || { echo "there is no image $SLURM_SUBMIT_DIR/myenv-6ae63cd1.sif: build it as myenv-6ae63cd1.def says" >&2; exit 1; }
apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$PWD" --pwd "$PWD" "$SLURM_SUBMIT_DIR/myenv-6ae63cd1.sif" pip install --no-index tqdm
apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$PWD" --pwd "$PWD" "$SLURM_SUBMIT_DIR/myenv-6ae63cd1.sif" python train.py
