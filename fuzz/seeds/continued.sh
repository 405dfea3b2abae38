#!/bin/bash
conda \
  activate \
  my\
env
\rm -rf out
\conda deactivate
python a.py \
  --x 1 \ 
conda activate b \