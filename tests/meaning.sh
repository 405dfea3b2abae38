# The stub commands of the meaning check: each records its words, its folder, its environment and the loaded modules.
# Read by every bash of the sandbox, through BASH_ENV; $ROOT is the sandbox, $TRACE the record.

# kind, folder, environment, modules and words, between ASCII unit separators; %q keeps a record on one line
_record() {
    local place words
    _environment "$2"
    printf -v place '%s\x1f%s\x1f%s\x1f%s\x1f' "$1" "$PWD" "$_HERE" "${_MODULES:-}"
    shift
    printf -v words '%q ' "$@"
    echo "$place$words" >> "$TRACE"          # at once: the commands of a pipeline write at the same time
}

# _HERE is the environment that a program runs in: the one whose bin/ it is called from, else the active one.
_environment() {
    case $1 in
        "$ROOT"/conda/bin/*) _HERE=base ;;
        */bin/*) _HERE=${1%/bin/*} ;;
        *) _HERE=${_IMAGE:-${VIRTUAL_ENV:-${CONDA_PREFIX:-}}} ;;
    esac
    _HERE=${_HERE##*/}
}

# What the author calls: recorded, and nothing else happens. Its input counts where it reads a program from it.
_program() {
    local kind=call input=
    case " $* " in
        *" apptainer run "*) local plain; mapfile -d '' plain < <(_outside "$@"); set -- "${plain[@]}" ;;
    esac
    if [ -p /dev/stdin ]; then kind=piped; fi
    case $# in
        1) input=yes ;;
        *) if [ "${!#}" = - ]; then input=yes; fi ;;
    esac
    if [ -n "$input" ] && [ ! -t 0 ]; then
        _record "$kind" "$@" "<<<$(while IFS= read -r -t 1 line; do echo "$line"; done)"
    else
        _record "$kind" "$@"
    fi
    return 0
}

command_not_found_handle() { _program "$@"; }

# An executable file, where bash finds a command by its path; its name decides what it does.
_executable() {
    [ -e "$1" ] && return
    [ -d "${1%/*}" ] || mkdir -p "${1%/*}"
    printf '#!%s\n_called "$0" "$@"\n' "$BASH" > "$1"
    chmod +x "$1"
}

_called() {
    local path=$1
    shift
    case ${path##*/} in
        conda | mamba | micromamba | srun | mpirun | mpiexec | sbatch | virtualenv | pip | pip3 | env) "${path##*/}" "$@" ;;
        *) if [[ $path == "$ROOT/stubs/"* ]]; then _program "${path##*/}" "$@"; else _program "$path" "$@"; fi ;;
    esac
}

_list() { echo "${_MODULES:-}" | tr ' ' '\n'; }

module() {
    local action=$1 name
    shift
    case $action in
        load | add) for name; do [ "${name#-}" = "$name" ] && _MODULES="${_MODULES:+$_MODULES }$name"; done ;;
        unload | rm) for name; do _MODULES=" ${_MODULES:-} "; _MODULES=${_MODULES// $name / }; done ;;
        purge) _MODULES= ;;
        *) : ;;
    esac
    export _MODULES
    _record machinery module "$action" "$@"
}
# what is half built must not be activated
rm() {
    case $* in
        "-f "*/bin/activate) _record machinery rm "$@" ;;
        *) _program rm "$@" ;;
    esac
}
ml() { case $1 in load | unload | purge) module "$@" ;; *) module load "$@" ;; esac; }

conda() {
    _record machinery conda "$@"
    case ${1:-} in
        activate) shift; _activate "$@" ;;
        deactivate) _deactivate ;;
        run) shift; _conda_run "$@" ;;
        info) echo "$ROOT/conda" ;;
        shell.bash) [ "${CONDA_AUTO_ACTIVATE_BASE:-}" = false ] || echo "conda activate base" ;;
        *) : ;;
    esac
}
mamba() { conda "$@"; }
micromamba() { conda "$@"; }
activate() { _activate "$@"; }

# The value in `-nx`, `-n=x` and `--name=x`.
_glued() {
    local value=${1#-[np]}
    printf '%s' "${value#*=}"
}

_activate() {
    [ -n "${FAILING:-}" ] && return 1
    local name=
    while (($#)); do
        case $1 in
            -n | --name | -p | --prefix) name=$2; shift ;;
            -[np]?* | --name=* | --prefix=*) name=$(_glued "$1") ;;
            -*) : ;;
            *) name=$1 ;;
        esac
        shift
    done
    CONDA_DEFAULT_ENV=${name##*/}
    CONDA_DEFAULT_ENV=${CONDA_DEFAULT_ENV:-base}
    # what is active already is not stacked on itself
    _environment conda
    if [ "$_HERE" != "$CONDA_DEFAULT_ENV" ]; then _OUTER=${CONDA_PREFIX:-}; fi
    CONDA_PREFIX=$ROOT/conda/envs/$CONDA_DEFAULT_ENV
    export CONDA_DEFAULT_ENV CONDA_PREFIX _OUTER
    _executable "$CONDA_PREFIX/bin/python"
    _executable "$CONDA_PREFIX/bin/python3"
}

# conda keeps a stack of environments, and leaves the last
_deactivate() {
    if [ -n "${_OUTER:-}" ]; then
        CONDA_PREFIX=$_OUTER CONDA_DEFAULT_ENV=${_OUTER##*/} _OUTER=
    else
        unset CONDA_PREFIX CONDA_DEFAULT_ENV
    fi
}

_conda_run() {
    local name=base
    while (($#)); do
        case $1 in
            -n | --name | -p | --prefix) name=$2; shift 2 ;;
            -[np]?* | --name=* | --prefix=*) name=$(_glued "$1"); shift ;;
            --cwd) builtin cd "$2"; shift 2 ;;
            -*) shift ;;
            *) break ;;
        esac
    done
    ( _activate "$name" && "$@" )
}

virtualenv() {
    _record machinery virtualenv "$@"
    [ -n "${FAILING:-}" ] && return 1
    local folder=${!#}
    mkdir -p "$folder/bin"
    folder=$(builtin cd "$folder" && pwd)
    _executable "$folder/bin/python"
    _executable "$folder/bin/python3"
    _executable "$folder/bin/pip"
    cat > "$folder/bin/activate" <<EOF
deactivate() {
    if [ -n "\${_BEFORE:-}" ]; then PATH=\$_BEFORE; fi
    unset VIRTUAL_ENV _BEFORE
    [ "\${1:-}" = nondestructive ] || unset -f deactivate
}
deactivate nondestructive
VIRTUAL_ENV=$folder
_BEFORE=\$PATH
PATH=$folder/bin:\$PATH
export VIRTUAL_ENV PATH _BEFORE
EOF
}

# An image is there, and what runs in it is the program itself: shell functions of the same name are the author's side.
[() {
    case "${1:-} ${2:-}" in
        "-f "*.sif) builtin [ -z "${FAILING:-}" ] ;;
        *) builtin [ "$@" ;;
    esac
}
apptainer() {
    _record machinery apptainer "$@"
    while (($#)) && [[ $1 != *.sif ]]; do shift; done
    local -x _IMAGE=${1%-*}
    shift
    case $1 in
        bash | sh) command "$@" ;;
        *) _program "$@" ;;
    esac
}
# The words of a call without the image that it runs in.
_outside() {
    local word within= kept=()
    for word; do
        if [[ $word == apptainer ]]; then within=yes; continue; fi
        if [ -z "$within" ]; then kept+=("$word"); elif [[ $word == *.sif ]]; then within=; fi
    done
    printf '%s\0' "${kept[@]}"
}

pip() {
    case "$*" in
        *--no-index* | install*" -r "*) _record machinery pip "$@" ;;  # what a list holds, the requirements hold
        *) _program pip "$@" ;;
    esac
}
pip3() { pip "$@"; }

# Hooks make conda known, which it is here from the start; conda's own activate activates; what exists is read.
source() {
    local file=$1
    case $file in
        *conda.sh | *mamba.sh | */.bashrc | */.bash_profile | */.profile) _record machinery source "$@"; return 0 ;;
        activate | "$ROOT"/conda/bin/activate | */miniconda3/bin/activate | */anaconda3/bin/activate) shift; conda activate "$@" ;;
        deactivate | */conda/bin/deactivate) conda deactivate ;;
        "$SLURM_TMPDIR"/*/bin/activate) [ -f "$file" ] || return 1; builtin source "$@" ;;
        *) if [ -f "$file" ]; then builtin source "$@"; else _program source "$@"; fi ;;
    esac
}
function . { source "$@"; }

cd() {
    local target=${!#:-$HOME}
    case $target in
        - | -*) : ;;
        "$ROOT"* | [!/]*) mkdir -p "$target" ;;
    esac
    builtin cd "$@"
}

# Options that take a value as the next word.
_launched() {
    while (($#)); do
        case $1 in
            -[nNcptJoewxAG] | -np | --ntasks | --nodes | --cpus-per-task | --partition | --time) shift 2 ;;
            -*) shift ;;
            *) break ;;
        esac
    done
    (($#)) && "$@"
}

srun() { _launch srun "$@"; }
mpirun() { _launch mpirun "$@"; }
mpiexec() { _launch mpiexec "$@"; }
_launch() {
    case "$*" in
        # what makes an environment on every node is no step of the author's
        srun*--tasks-per-node=1*bash* | srun*--ntasks-per-node=1*bash*) _record machinery "$@" ;;
        *apptainer\ run\ *)
            local plain
            mapfile -d '' plain < <(_outside "$@")
            case "$*" in *bash\ -c*) plain=("$1" "$(_without_last "${plain[@]:1}")") ;; esac
            _record call "${plain[@]}"
            ;;
        *bash\ -c* | *bash\ -lc*) _record call "$1" "$(_without_last "${@:2}")" ;;
        *) _record call "$@" ;;
    esac
    ( _launched "${@:2}" )
}
_without_last() { echo "${@:1:$#-1}"; }

# The job that is submitted runs at once, in a scratch space of its own; its text is not compared, what it does is.
sbatch() {
    local word script= wrap= kept=() next=
    for word; do
        if [ "$next" = wrap ]; then wrap=$word next=; continue; fi
        case $word in
            --wrap=*) wrap=${word#--wrap=} ;;
            --wrap) next=wrap ;;
            -*) kept+=("$word") ;;
            *) [ -n "$script" ] || script=$word; kept+=("$word") ;;
        esac
    done
    _record call sbatch "${kept[@]}"
    (
        export SLURM_TMPDIR=$ROOT/tmp/nested
        mkdir -p "$SLURM_TMPDIR"
        unset VIRTUAL_ENV CONDA_PREFIX CONDA_DEFAULT_ENV # a job of its own: what is active here is no matter there
        if [ -n "$wrap" ]; then bash -c "$wrap"
        elif [ -z "$script" ]; then bash
        elif [ -f "$script" ]; then bash "$script" </dev/null
        fi
    ) >/dev/null
    case "$*" in *--parsable*) echo 1001 ;; *) echo "Submitted batch job 1001" ;; esac
}

env() {
    while [[ ${1:-} == *=* || ${1:-} == -u ]]; do
        if [ "$1" = -u ]; then shift 2; else local -x "${1?}"; shift; fi
    done
    "$@"
}
date() { echo 2026-01-01; }
hostname() { echo node1; }
nproc() { echo 4; }
