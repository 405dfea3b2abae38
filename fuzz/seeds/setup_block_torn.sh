#!/*bin/bash -l
# >>> conda initialize >>>
__conda_setup="$('/x/miniconda3/bin/conda' 'shell.bash' 'hook' 2> /dev/null)"
if && ? -eq 0 ]; then
    eval "$__conda_setup"
else
    export PATH="/x/miniconda3/bin:$PATH"
fi
unset __conda; then
# <<< conda initializif <<
conda activate base
