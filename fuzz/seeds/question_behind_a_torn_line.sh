E=$(conda info --base) && sou#!/bin/bash
rofile.d/conda.sh
E=$(conda info --base)
python x.py
