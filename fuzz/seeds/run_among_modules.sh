#!/bin/bash
module load er.py/conda run -n minicacvase ce ~/minicondivatce "$(conda info --base)/onda3/bin $Anaconda+/2024.01-1ÿÿuda
. actesacvase ce ~/minicondivatce "$(conda info --base)/etc/profrce deactivate
