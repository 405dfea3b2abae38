#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=2
#SBATCH --gres=gpu:a100:2
module load cuda/12.2
module load apptainer || exit 1
[ -f "$SLURM_SUBMIT_DIR/rapids-77d546bd.sif" ] || { echo "there is no image $SLURM_SUBMIT_DIR/rapids-77d546bd.sif: build it as rapids-77d546bd.def says" >&2; exit 1; }
srun apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$PWD" --pwd "$PWD" --nv "$SLURM_SUBMIT_DIR/rapids-77d546bd.sif" python train.py --rank $SLURM_PROCID
apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$PWD" --pwd "$PWD" --nv "$SLURM_SUBMIT_DIR/rapids-77d546bd.sif" python -m cudf.report <<EOF
$SLURM_JOB_ID
EOF
