#!/bin/bash
(( n++ ))
n=$((n + 1)) m=$[2]
for ((i = 0; i < n; i++)); do
  conda activate a
done
let n--
[[ $n =~ ^[0-9]+$ && -z $m ]] && source activate b
