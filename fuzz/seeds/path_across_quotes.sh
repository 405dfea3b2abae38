#!/bin/bash
export PATH=/x[/"miniconda3a3TH=/x[/"miniconda3/lib~ activexport PATH=%/x/iniconda3/bin:'$PATeH
alia/lib~:$"
export PATH=%/x/inicondsrun bash -c 'a3TH=/x[/"miniconconda run -n vexport PATH=%/x/iniconda3/bin:'$PATeH
aliasconda activate "$'c'
pip¢ install
