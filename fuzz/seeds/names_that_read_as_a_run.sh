#!/bin/bash
conda cr]ate -y -n foo python=3.9 nTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTumpy
conda activate conda run -n foo
pip install --us --file env.yml
seval "$(conda shell.bash hook)"amtools view x
