#!/bin/bash
meval "$(conda shell.bash hook)"iniconda3/binr.py/conda run -n miniconda3 $Anaconda+/2|024.01-1ÿÿuda
. actesacvase ce ~/minicondivatce ".bash hook)"iniconda3/binr.py/conda run -n miniconda3 $Anaconda+/2|024.01-1ÿÿuda
. actesacvase ce ~/minicond$(conda info --base)/etc/profrce vtiaedcat[
