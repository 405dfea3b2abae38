if a; then conda env list || c < in b; fi
conda env update \
  -f x; conda env update
conda activate
