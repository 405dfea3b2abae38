#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --mem=8G
source ~/miniconda3/bin/activate myenv
pip install "opencv-python<5" pyarrow tqdm==4.* labtool -r more.txt
python train.py
