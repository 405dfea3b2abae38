#!/bin/bash
FILES=(a.txt "b c"
  $d)
declare -A envs=([a]=x [b]=y)
FILES[3]=v
for f in "${FILES[@]}"; do conda activate ${envs[$f]}; python x.py $f; done
