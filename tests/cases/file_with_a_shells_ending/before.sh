#!/bin/bash
#SBATCH --time=1:00:00
# Neither a shebang nor a directive says that this is a script; the second file is none.
cat > inner.sh <<EOF
source activate myenv
python train.py
EOF
cat > notes.txt <<EOF
source activate myenv
EOF
bash inner.sh
