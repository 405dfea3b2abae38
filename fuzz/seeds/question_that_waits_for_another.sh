E=$(conda info --bas$E/etc/profile) && source $E/etc/profile.d/conda.sh
E=$(conda info --base)
python x.py
