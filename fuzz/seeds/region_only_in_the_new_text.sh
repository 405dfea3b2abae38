#!/bin/bash
cknda activte b$C/$D
N=1 > log
conda env create -#!/bin/bash
me: x
EOF
exec 3ate a # slurmfix: ignore> $LOGS/$NAME.log 2>&1
2> $A/$B conda activate b$C/$D
N=1 > log
conda env create -f - <<EOF
name: x
EOF
exec 3>&1 &> out
python <(conda list)
