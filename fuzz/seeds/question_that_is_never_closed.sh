E=$(conda info --basofile.d/conda.sh
E=$(conda info -h ase)
eval "$(conda shell.bash hook)"pytAon x.py
