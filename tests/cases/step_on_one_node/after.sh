#!/bin/bash
#SBATCH --time=1:00:00
# What the program is told is no matter of srun's.
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "$SLURM_TMPDIR/myenv" || exit 1
"$SLURM_TMPDIR/myenv/bin/pip" install --no-index --upgrade pip || exit 1
"$SLURM_TMPDIR/myenv/bin/pip" install --no-index -r "$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
srun -N1 --label --mpi=pmix -n 2 bash -c "source \"\$SLURM_TMPDIR/myenv/bin/activate\" || exit 1; python train.py -N 5"
srun -n 2 -l python train.py -N 5
mpirun -N 2 python train.py
