#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --gpus-per-node=1
module load apptainer || exit 1
[ -f "$SLURM_SUBMIT_DIR/scaffolds-1ec56286.sif" ] || { echo "there is no image $SLURM_SUBMIT_DIR/scaffolds-1ec56286.sif: build it as scaffolds-1ec56286.def says" >&2; exit 1; }
apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$PWD" --pwd "$PWD" --nv "$SLURM_SUBMIT_DIR/scaffolds-1ec56286.sif" medusa-scaffolder -i reads.bam
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/train" || exit 1
source "$SLURM_TMPDIR/train/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-train.txt" || exit 1
python train.py --data scaffolds.txt
deactivate
apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$PWD" --pwd "$PWD" --nv "$SLURM_SUBMIT_DIR/scaffolds-1ec56286.sif" medusa-scaffolder --check | tee check.log
