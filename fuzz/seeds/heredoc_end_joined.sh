#!/bin/bash
cat <<EOF
a \
EOF
conda activate a
EOF
conda activate b
