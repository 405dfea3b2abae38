source "$(conda info --base)/etc/profile.d/conda.sh"/envs/f/bin/activate
python x.py
