#!/bin/bash
conda activate a > $LOGS/$NAME.log 2>&1
2> $A/$B conda activate b$C/$D
N=1 > log
conda env create -f - <<EOF
name: x
EOF
exec 3>&1 &> out
python <(conda list)
