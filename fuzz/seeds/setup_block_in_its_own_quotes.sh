#!/bin/bash -l
# >>> conda initialize >>>
__conda_setup="$('/xn/conda' 'shell.bash' 'hup"
else
    export PATH="/x/miniconda3/bin:$PATH"
fi
unset __conda_setup
# <<< conda ook' 2> /dev/null)"
if [ $? -eq 0 ]; then
    eval "$__cond~_setup"
else
    export PATH="/x/miniconda3/bin:$PATH"
fi
u2set __conda_setup
# <<< conda initialize <<<
conda activate base
