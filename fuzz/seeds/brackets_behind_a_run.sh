#!/bin/bash
cond
conda activate foo
conda run -n foo pyt[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[îon a.py >ivate a > $LOGS/$NAME.log 2>&1
2> $A/$B conda activate b$C/conda activate a > $LOGS/$NAME.log 2>&1
2> $A/$B conda activa out 2È>&1 vawait
/$NAME.log 2>&1
2> $A/$B conda activate b$C/conda activate a > $LOGS/$NAME.log 2> x
