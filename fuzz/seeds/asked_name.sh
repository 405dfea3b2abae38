#!/bin/bash
conda activate "$(conda env list | grep torch)"
conda activate "$(conda shell.bash)"
conda activate `basename /x/envs/foo` `date`
