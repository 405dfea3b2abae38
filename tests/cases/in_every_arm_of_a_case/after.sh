#!/bin/bash
#SBATCH --time=1:00:00
case $1 in
    gpu)
        module load StdEnv/2023 python/3.11 || exit 1
        virtualenv --no-download "$SLURM_TMPDIR/gpu" || exit 1
        source "$SLURM_TMPDIR/gpu/bin/activate" || exit 1
        pip install --no-index --upgrade pip || exit 1
        pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-gpu.txt" || exit 1
        ;;
    *)
        module load StdEnv/2023 python/3.11 || exit 1
        virtualenv --no-download "$SLURM_TMPDIR/cpu" || exit 1
        source "$SLURM_TMPDIR/cpu/bin/activate" || exit 1
        pip install --no-index --upgrade pip || exit 1
        pip install --no-index -r "$SLURM_SUBMIT_DIR/requirements-cpu.txt" || exit 1 ;;
esac
python train.py
