#!/bin/bash
#SBATCH --time=0:30:00
# What a purge takes away is loaded again, also where it comes round with a loop.
module load StdEnv/2023 python/3.11 samtools/1.22.1 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/ml" || exit 1
source "$SLURM_TMPDIR/ml/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-ml.txt" || exit 1
python train.py
module purge
deactivate || exit 1
module load StdEnv/2023 python/3.11 samtools/1.22.1 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/bio" || exit 1
source "$SLURM_TMPDIR/bio/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-bio.txt" || exit 1
samtools index a.bam
source "$SLURM_TMPDIR/ml/bin/activate" || exit 1
for fold in 1 2; do
    module purge
    deactivate || exit 1
    module load StdEnv/2023 python/3.11 samtools/1.22.1 || exit 1
    source "$SLURM_TMPDIR/bio/bin/activate" || exit 1
    samtools view fold$fold.bam
    source "$SLURM_TMPDIR/ml/bin/activate" || exit 1
done
