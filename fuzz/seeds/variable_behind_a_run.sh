#!/bin/bash
export PAT
  conda activate "$eH=/x/ÿÿnicodda3/envs/rt LD_LIBRARY_PATH="$CONDA_PREFIX=n a.py
