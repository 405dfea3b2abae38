#!/bin/bash
#SBATCH --time=1:00:00
module load apptainer || exit 1
[ -f "$SLURM_SUBMIT_DIR/stats-297d2075.sif" ] || { echo "there is no image $SLURM_SUBMIT_DIR/stats-297d2075.sif: build it as stats-297d2075.def says" >&2; exit 1; }
apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$PWD" --pwd "$PWD" "$SLURM_SUBMIT_DIR/stats-297d2075.sif" Rscript model.R --chains 4
apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$PWD" --pwd "$PWD" "$SLURM_SUBMIT_DIR/stats-297d2075.sif" R --no-save < report.R
echo done
