#!/bin/bash
# Builds what a cluster has on its shared disk: Python modules, a wheelhouse, packages that only a module has.
#   software.sh FOLDER
# Needs a package index for the wheels; what it makes needs none.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
root=$1
# numpy is the one compiled wheel: it shows that the wheel of the right Python is taken
wheels="pip setuptools wheel six==1.17.0 packaging==24.2 click==8.1.8 tqdm==4.67.1 attrs==24.3.0 numpy==1.26.4"
# versions of the Alliance's StdEnv/2023; what is behind them here is this machine's interpreter of the same minor version
versions="3.11.5 3.12.4"

# An interpreter of that minor version that can make environments: on PATH, or one of pyenv's.
interpreter() {
    local candidate
    for candidate in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/"python$1" /usr/bin/python3; do
        if "$candidate" -c "import ensurepip, sys; sys.exit('%d.%d' % sys.version_info[:2] != '$1')" 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    return 1
}

# The interpreter of a module is a bare environment: no package of this machine's Python can hide one that a job lacks.
make_python() {
    local version=$1 python
    python=$(interpreter "${version%.*}") || { echo "no python${version%.*} here: no module for it"; return; }
    "$python" -m venv "$root/python/$version"
    "$root/python/$version/bin/python" -m pip install --quiet virtualenv
    mkdir -p "$root/modules/Core/python"
    fill "$here/modules/python.lua" | sed "s|@VERSION@|$version|g" > "$root/modules/Core/python/$version.lua"
}

fill() { sed "s|@SOFTWARE@|$root|g" "$1"; }

make_wheelhouse() {
    local python
    for python in "$root"/python/*/bin/python; do
        "$python" -m pip download --quiet --only-binary :all: --dest "$root/downloads" $wheels
    done
    "$root/python/3.11.5/bin/python" "$here/label_wheels.py" "$root/downloads" "$root/wheelhouse"
    rm -r "$root/downloads"
}

# Packages that a module brings, for every Python there is; site/sitecustomize.py shows them to the interpreters.
make_module_packages() {
    local folder minor
    for folder in "$root"/python/*; do
        minor=${folder##*/} minor=${minor%.*}
        "$folder/bin/python" -m pip install --quiet --no-index --no-deps --find-links "$root/wheelhouse" \
            --target "$root/scipy-stack/2023b/lib/python$minor/site-packages" numpy
        stand_in "$root/arrow/17.0.0/lib/python$minor/site-packages" pyarrow 17.0.0
    done
}

# Only a name and a version: enough to be imported and told apart.
stand_in() {
    mkdir -p "$1/$2" "$1/$2-$3.dist-info"
    echo "__version__ = \"$3\"" > "$1/$2/__init__.py"
    printf 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n' "$2" "$3" > "$1/$2-$3.dist-info/METADATA"
}

make_modules() {
    local file
    (cd "$here/modules" && find Core Compiler -type f) | while read -r file; do
        mkdir -p "$root/modules/${file%/*}"
        fill "$here/modules/$file" > "$root/modules/$file"
    done
    fill "$here/pip.conf" > "$root/pip.conf"
    cp -r "$here/site" "$here/bin" "$root/"
    chmod +x "$root"/bin/*
}

unset PIP_CONFIG_FILE PYTHONPATH PYTHONHOME VIRTUAL_ENV
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
rm -rf "$root"
mkdir -p "$root"/{python,wheelhouse,modules}
for version in $versions; do make_python "$version"; done
[ -d "$root/python/3.11.5" ] || exit 1
make_wheelhouse
make_module_packages
make_modules
