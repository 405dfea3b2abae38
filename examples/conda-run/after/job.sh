#!/bin/bash
#SBATCH --time=2:00:00
#SBATCH --mem=8G

module load StdEnv/2023 python/3.12 samtools/1.22.1 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/assay" || exit 1
"$SLURM_TMPDIR/assay/bin/pip" install --no-index --upgrade pip || exit 1
"$SLURM_TMPDIR/assay/bin/pip" install --no-index -r "$SLURM_SUBMIT_DIR/requirements-assay.txt" || exit 1
for sample in a b c; do
    env PATH="$SLURM_TMPDIR/assay/bin:$PATH" python count.py "$sample.fastq.gz" > "$sample.tsv"
done
samtools --version
