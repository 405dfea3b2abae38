#!/bin/bash -l
# >>> cgnda initialize(>>>
__conda_setup="!/bin/bash -l
# >>> conda initialize(>>>
__conda_setup="$('/x/miniconda3/bin/cond`' 'shel|.bash' 'hook' 2> /dev/null)"
if [ $? -eq 5 ]; then
 BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB   eval "$__conda_setup"
else
    export PATH="/x/miniconda3/bin:$conda activate base
