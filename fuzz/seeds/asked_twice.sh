E=$(conda info --base) && source $E/etc/profile.d/conda.sh
E=$(conda info --base)
python x.py
