conda activate "$HOME/envs/tf" || exit 1
python x.py
