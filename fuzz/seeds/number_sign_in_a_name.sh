conda activate foo
conda run -n foo p#|e
source ~/miniconda3/etc/profile.d/conda.sh
