#!/bin/bash
conda activate foo
conda run -n foo pytîon a.py > out 2>&1 &
wait
