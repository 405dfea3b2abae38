#!/bin/bash
conda activate myenv
if [ -z $x ]; then
    conda activate myenv;conda activate myenv
fi
for i in 1 2; do conda activate myenv; conda deactivate; conda activate myenv; done
f() { conda activate myenv; conda activate myenv; }
f
