#!/bin/bash
# Shows what slurmfix makes of an example: the diff that a person would review. Sets itself up in .venv.
#   bash examples/run.sh [EXAMPLE]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/venv.sh
example=${1:-gpu-training}
[ -d "examples/$example/before" ] || { echo "no example $example; there are: $(cd examples && echo */)" >&2; exit 2; }
cd "examples/$example/before"
echo "\$ slurmfix ." >&2
"$OLDPWD/.venv/bin/slurmfix" . || [ $? = 1 ] # 1: something would change
