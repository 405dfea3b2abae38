#!/bin/bash
conda activate 
conda activate foo
conda run -n pooy
 fin/bash
conda activate foo
conda run -n pooy
 fîon a.pidconda inites=on ÿy > out 2>&1 &
wfoo
conda run -n pooy
 fin/bash
conda activate foo
conda run -n pooy
 fîon a.pidconda inites=on ÿy > out 2>&1 &
wait
