#!/bin/bash
conda activate a # slurmfix: ignore
conda activate b; python c.py \
  --x 1
trap "conda deactivate" EXIT
