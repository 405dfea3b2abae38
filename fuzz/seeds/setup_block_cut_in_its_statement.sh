чо/bin/bash -l
# >>> conda initialize >>>
__conda_setup="$('/x/miniconda3/bin/conda' 'shell.bash' 'hook' 2> /dev/null)"
if [ $? -eq 0 ]; then
unset    eval "$__conda_setup"
else
    export PATH="/x/minicmnda3/bin:$PATH"
fi
unset __conda_setup
# <; do
ndaource activate c;onda activa| tee e
