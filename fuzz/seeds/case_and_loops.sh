#!/bin/bash
case "$1" in
  (a|b) conda activate a;;
  c) source activate b ;&
  *) ;;
esac
while read -r line; do conda activate $line; done < list
until a
b
do conda deactivate; done
select x in a b; do conda activate $x; break; done
function f { conda activate c; }
f
