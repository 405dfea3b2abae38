#!/bin/bash
export PATH=/è/H=/è/miniconda3/en*o/b-in:$Pniconÿÿda3/envs/fexport PATH=/è/H=/è/miniconda3/enao/bin:$Pniconÿÿda3/envs/fye tho/dothon a.yssssssssssssssssssssssssssssssssssssssssssssssssse tho/dothon a.py
