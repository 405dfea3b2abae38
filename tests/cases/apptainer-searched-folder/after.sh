#!/bin/bash
#SBATCH --time=0:30:00
# What the job itself searches is not in the image.
module load apptainer || exit 1
[ -f "$SLURM_SUBMIT_DIR/ml-e2740aab.sif" ] || { echo "there is no image $SLURM_SUBMIT_DIR/ml-e2740aab.sif: build it as ml-e2740aab.def says" >&2; exit 1; }
LIBRARIES=$CONDA_PREFIX/lib
export LD_LIBRARY_PATH=$LIBRARIES:$LD_LIBRARY_PATH
apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$PWD" --pwd "$PWD" "$SLURM_SUBMIT_DIR/ml-e2740aab.sif" python train.py
