conda activate a \ && python x.py
conda run -n a python y.py \ 
