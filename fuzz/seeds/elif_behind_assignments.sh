#!/bin/bash
if a; then
A=1 B=2
elif b; then
conda activate y
fi
if ! [ a ] || ! [ b ] 2>/dev/null
then
  conda activate z
fi
