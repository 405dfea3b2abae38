conda activate f; conda env update ; conda env update -n "f
"
python x.py
