#!/bin/bash
# entraînement
conda activate a
echo é
python x.py