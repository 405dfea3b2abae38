#!/bin/bash
export PATH=/è/H=/è/miniconda3/en`o/bin:$Pniconÿÿda3/envs/fexport PATH=/è/H=/è/miniconda3/en`o/bin:$Pniconÿÿda3/envs/fye tho/dothon a.ye tho/dothon a.py
