#!/bin/bash
#SBATCH --time=1:00:00
module load StdEnv/2023 python/3.11 samtools/1.18 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/align" || exit 1
"$SLURM_TMPDIR/align/bin/pip" install --no-index --upgrade pip || exit 1
"$SLURM_TMPDIR/align/bin/pip" install --no-index -r "$SLURM_SUBMIT_DIR/requirements-align.txt" || exit 1
module load StdEnv/2023 python/3.11 gcc samtools/1.20 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/call" || exit 1
"$SLURM_TMPDIR/call/bin/pip" install --no-index --upgrade pip || exit 1
"$SLURM_TMPDIR/call/bin/pip" install --no-index -r "$SLURM_SUBMIT_DIR/requirements-call.txt" || exit 1
for sample in a b c; do
    module load StdEnv/2023 python/3.11 samtools/1.18 || exit 1
    source "$SLURM_TMPDIR/align/bin/activate" || exit 1
    samtools sort $sample.bam
    deactivate
    module load StdEnv/2023 python/3.11 gcc samtools/1.20 || exit 1
    source "$SLURM_TMPDIR/call/bin/activate" || exit 1
    samtools view $sample.bam
    deactivate
done
