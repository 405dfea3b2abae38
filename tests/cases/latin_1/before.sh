#!/bin/bash
#SBATCH --time=1:00:00
# entraînement du modèle
conda activate myenv # été
echo 'à côté'
python train.py
