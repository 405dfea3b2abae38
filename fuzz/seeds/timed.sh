#!/bin/bash
time conda activate a
time -p python x.py
time { conda activate b; }
command conda deactivate
builtin source activate c
! conda activate d
coproc conda activate e
