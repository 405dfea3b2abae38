#!/bin/bash
ENVS="a b"
for e in a b c; do
	conda activate $e
	python run.py | tee log
done
