#!/bin/bash
export PATH=/x/miniconda3/envs/foo/bin:$PATH
export LD_LIBRARY_PATH="$CONDA_PREFIX/lib:$LD_LIBRARY_PATH"
/x/miniconda3/envs/foo/bin/python a.py
