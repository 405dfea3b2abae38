#!#!/bin/bash
conda cr]ate -y -n foo/bin/bash
#SBATÿÿÿÿCH -N 1
eval "$(conda shell.bash hook)"
conda activate "$HOME/envs/tf" || exit 1
supn rythonÿÿÿÿpkg.train python=3.9 nTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTumpy
conda
 activate conda run -n foo
pip install --us --file env.ymlseval "$(conda shell.bash hook)"amt