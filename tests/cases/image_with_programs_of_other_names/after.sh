#!/bin/bash
#SBATCH --time=1:00:00
module load apptainer || exit 1
[ -f "$SLURM_SUBMIT_DIR/deg-5e9eb14c.sif" ] || { echo "there is no image $SLURM_SUBMIT_DIR/deg-5e9eb14c.sif: build it as deg-5e9eb14c.def says" >&2; exit 1; }
apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$PWD" --pwd "$PWD" "$SLURM_SUBMIT_DIR/deg-5e9eb14c.sif" trim_galore x.fq
apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$PWD" --pwd "$PWD" "$SLURM_SUBMIT_DIR/deg-5e9eb14c.sif" salmon quant -i idx -l A -r x.fq -o out
apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$PWD" --pwd "$PWD" "$SLURM_SUBMIT_DIR/deg-5e9eb14c.sif" Rscript deseq.R
