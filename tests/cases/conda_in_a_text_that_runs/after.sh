#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --export=ALL,PATH=/x/miniconda3/envs/myenv/bin:/usr/bin
# Lines for parallel, and programs for Python and R, use conda as the job's own lines do.
parallel <<EOF
conda run -n myenv python first.py
EOF
cat > commands.txt <<EOF
# conda run -n myenv python old.py
conda run -n myenv python second.py
EOF
parallel < commands.txt
Rscript - <<EOF
reticulate::use_condaenv("myenv")
EOF
python - <<EOF
import os
os.system("conda run -n myenv python third.py")
EOF
cat <<EOF
To see the results: conda activate myenv
EOF
