#!/bin/bash
#SBATCH --time=1:00:00
# Neither a shebang nor a directive says that this is a script; the second file is none.
cat > inner.sh <<EOF
module load StdEnv/2023 python/3.11 || exit 1
virtualenv --no-download "\$SLURM_TMPDIR/myenv" || exit 1
source "\$SLURM_TMPDIR/myenv/bin/activate" || exit 1
pip install --no-index --upgrade pip || exit 1
pip install --no-index -r "\$SLURM_SUBMIT_DIR/requirements-myenv.txt" || exit 1
python train.py
EOF
cat > notes.txt <<EOF
source activate myenv
EOF
bash inner.sh
