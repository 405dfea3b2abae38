#!/bin/bash
if command -v conda >/dev/null; then
  conda activate a
else
  echo "no conda" >&2; exit 1
fi
case $1 in
 a) conda activate b ;;
 *) conda activate "$2" ;;
esac
python z.py
