#!/bin/bash
#SBATCH --time=1:00:00
# A shell on another machine knows neither the modules nor the folder of this job.
ssh gpu01 "source activate myenv; python serve.py"
