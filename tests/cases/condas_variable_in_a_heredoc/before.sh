#!/bin/bash
#SBATCH --time=1:00:00
sbatch <<EOF
#!/bin/bash
#SBATCH --time=1:00:00
conda activate myenv
PY=\$CONDA_PREFIX/bin/python
\$PY train.py "\$CONDA_DEFAULT_ENV"
EOF
srun bash -c "source activate myenv; \$CONDA_PREFIX/bin/python b.py"
