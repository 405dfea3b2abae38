#!/bin/bash
#SBATCH --time=1:00:00
# R belongs to the first environment alone, and each of the last two needs its own samtools, also when it comes back.
module load StdEnv/2023 python/3.11 gcc r/4.3.1 r-bundle-bioconductor/3.18 samtools/1.18 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/rnaseq" || exit 1
source "$SLURM_TMPDIR/rnaseq/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-rnaseq.txt" || exit 1
Rscript deseq.R
virtualenv --no-download "$SLURM_TMPDIR/ml" || exit 1
source "$SLURM_TMPDIR/ml/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-ml.txt" || exit 1
python b.py
virtualenv --no-download "$SLURM_TMPDIR/align" || exit 1
source "$SLURM_TMPDIR/align/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-align.txt" || exit 1
samtools sort a.bam
deactivate || exit 1
module load StdEnv/2023 python/3.11 gcc samtools/1.20 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/call" || exit 1
source "$SLURM_TMPDIR/call/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-call.txt" || exit 1
samtools view a.bam
deactivate || exit 1
module load StdEnv/2023 python/3.11 samtools/1.18 || exit 1
source "$SLURM_TMPDIR/align/bin/activate" || exit 1
samtools index a.bam
