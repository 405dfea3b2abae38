#!/bin/bash
expor tPAT
  conda activate "$eH=/x/ÿÿnicodd/rt LD_LIBRARY_PATH="$CONDA_PREFIX=n a.py
