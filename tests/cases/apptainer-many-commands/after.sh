#!/bin/bash
#SBATCH --time=3:00:00
#SBATCH --ntasks=4
set -euo pipefail
module load apptainer || exit 1
[ -f "$SLURM_SUBMIT_DIR/scaffolds-3dc173fc.sif" ] || { echo "there is no image $SLURM_SUBMIT_DIR/scaffolds-3dc173fc.sif: build it as scaffolds-3dc173fc.def says" >&2; exit 1; }
in_scaffolds() { apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$HOME,$PWD" --pwd "$PWD" "$SLURM_SUBMIT_DIR/scaffolds-3dc173fc.sif" "$@"; }
bwa() { in_scaffolds bwa "$@"; }
medusa-scaffolder() { in_scaffolds medusa-scaffolder "$@"; }
python() { in_scaffolds python "$@"; }
samtools() { in_scaffolds samtools "$@"; }
for sample in a b; do
    bwa mem ref.fa $sample.fq | samtools sort -o $sample.bam -
    samtools index $sample.bam
    n=$(samtools view -c $sample.bam)
    echo "$sample: $n"
done
medusa-scaffolder -i a.bam
srun apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$HOME,$PWD" --pwd "$PWD" "$SLURM_SUBMIT_DIR/scaffolds-3dc173fc.sif" medusa-scaffolder --part $SLURM_NTASKS
ls *.bam | xargs -n1 apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$HOME,$PWD" --pwd "$PWD" "$SLURM_SUBMIT_DIR/scaffolds-3dc173fc.sif" samtools flagstat
time apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$HOME,$PWD" --pwd "$PWD" "$SLURM_SUBMIT_DIR/scaffolds-3dc173fc.sif" samtools depth a.bam > depth.txt
srun apptainer run -c -W "$SLURM_TMPDIR" -B /project -B /scratch -B "$SLURM_TMPDIR,$HOME,$PWD" --pwd "$PWD" "$SLURM_SUBMIT_DIR/scaffolds-3dc173fc.sif" bash -c 'samtools idxstats $SLURM_JOB_ID.bam'
python summary.py --out ~/results
unset -f in_scaffolds bwa medusa-scaffolder python samtools
