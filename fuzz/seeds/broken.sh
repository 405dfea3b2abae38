#!/bin/bash
conda activate <your_env>
echo "open
python x.py
if true; then
