# Sourced from the repository's root: a virtualenv in .venv that holds slurmfix, with an extra if one is named.
# Made anew only when pyproject.toml has changed.
_wanted="$(cksum < pyproject.toml) ${1:-}"
if [ "$(cat .venv/.made-for 2>/dev/null)" != "$_wanted" ]; then
    _python=
    for _name in python3 python3.15 python3.14 python3.13 python3.12 python3.11 python3.10; do
        if "$_name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            _python=$_name
            break
        fi
    done
    [ -n "$_python" ] || { echo "a Python of 3.10 or newer with venv is needed (Debian: apt-get install python3-venv)" >&2; exit 1; }
    echo "setting up .venv (once)" >&2
    "$_python" -m venv --clear .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".${1:+[$1]}" >&2
    echo "$_wanted" > .venv/.made-for
fi
