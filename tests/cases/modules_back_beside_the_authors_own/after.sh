#!/bin/bash
#SBATCH --time=1:00:00
# The standard environment and Python are the author's own; samtools has to come back all the same.
module load StdEnv/2023 python/3.11
module load samtools/1.18 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/align" || exit 1
source "$SLURM_TMPDIR/align/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-align.txt" || exit 1
samtools sort a.bam
deactivate
module load gcc samtools/1.20 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/call" || exit 1
source "$SLURM_TMPDIR/call/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-call.txt" || exit 1
samtools view a.bam
deactivate
module load samtools/1.18 || exit 1
source "$SLURM_TMPDIR/align/bin/activate" || exit 1
samtools index a.bam
