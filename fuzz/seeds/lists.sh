#!/bin/bash
f() { which conda; # c
E=$(conda info --base); }; f
E=$(conda info --base) && source $E/etc/profile.d/conda.sh
if a; then conda env list; which conda || conda deactivate; fi
! conda info && conda activate x
