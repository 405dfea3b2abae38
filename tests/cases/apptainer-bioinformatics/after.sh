#!/bin/bash
#SBATCH --time=3:00:00
#SBATCH --cpus-per-task=8
module load apptainer || exit 1
[ -f "$SLURM_SUBMIT_DIR/scaffolds-aa351822.sif" ] || { echo "there is no image $SLURM_SUBMIT_DIR/scaffolds-aa351822.sif: build it as scaffolds-aa351822.def says" >&2; exit 1; }

export OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK
cd data
apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$PWD" --pwd "$PWD" "$SLURM_SUBMIT_DIR/scaffolds-aa351822.sif" bwa mem -t 8 ref.fa reads.fq | apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$PWD" --pwd "$PWD" "$SLURM_SUBMIT_DIR/scaffolds-aa351822.sif" samtools sort -o out.bam - 2> sort.log
apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$PWD" --pwd "$PWD" "$SLURM_SUBMIT_DIR/scaffolds-aa351822.sif" medusa-scaffolder -i out.bam > scaffolds.txt
gzip scaffolds.txt
