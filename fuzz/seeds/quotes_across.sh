#!/bin/bash
export PATH=/x/"miniconda3/lib:$"
export PATH='/x/miniconda3/bin:'$PATH
conda activate 'a'"b"$'c'
pip install
