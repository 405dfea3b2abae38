#!/bin/bash
conda create -y -n foo python=3.9 numpy
conda activate foo
pip install --user scipy
conda install -c bioconda samtools
conda env update --file env.yml
samtools view x
