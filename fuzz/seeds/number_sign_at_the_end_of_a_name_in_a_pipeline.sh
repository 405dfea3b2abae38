conda activate foo
conda run -n foo p#|e
=$(conda info --base)
python x.py

source ~/miniconda3/etc/profile.d/conda.sh
