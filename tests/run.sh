#!/bin/bash
# Everything that must hold: style, types, a minute of fuzzing, and all tests. Sets itself up: a virtualenv in .venv, and, as root on Debian or
# Ubuntu, the Slurm, Lmod and Chromium that some tests use (without them those tests skip, and say so).
#   bash tests/run.sh [pytest options]
#   bash tests/run.sh --fast       style, types and the fast tests alone: under a minute, nothing is installed but .venv
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ "${1:-}" = --fast ]; then
    shift
    . tools/venv.sh test
    .venv/bin/ruff check --quiet .
    .venv/bin/mypy
    exec .venv/bin/python -m pytest -n auto --dist loadgroup -m fast "$@"
fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    missing=()
    for program in chromium:chromium chromedriver:chromium-driver sbatch:slurm-client patch:patch setfacl:acl; do
        command -v "${program%%:*}" >/dev/null || missing+=("${program##*:}")
    done
    if [ ${#missing[@]} -gt 0 ]; then
        echo "installing ${missing[*]} (apt-get)"
        { apt-get install -qq -y --no-install-recommends "${missing[@]}" ||
            { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}"; }; } >/dev/null 2>&1 ||
            echo "could not install ${missing[*]}: the tests that need them skip"
    fi
fi

. tools/venv.sh test
.venv/bin/ruff check --quiet .
.venv/bin/mypy &
types=$!

# Without pytest options also a minute of fuzzing, where atheris has a wheel for this Python. On one machine the inputs are
# the same each time; on another they may not be, so that what slurmfix itself refuses to write is printed, and no failure.
# On inputs that are the same everywhere it is one: tests/test_fuzz_seeds.py.
fuzzed=0
if [ $# -eq 0 ]; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --only-binary atheris --editable ".[fuzz]" \
        >/dev/null 2>&1 || true
    findings=$(mktemp -d)
    .venv/bin/python fuzz/run.py --seconds 60 --runs 6000 --seed 1 --harm-only --findings "$findings" 2>"$findings/log" \
        || fuzzed=$?
    [ "$fuzzed" = 0 ] || { tail -n 40 "$findings/log"; echo "fuzzing failed: see $findings" >&2; }
fi
wait "$types"
status=0
.venv/bin/python -m pytest -n auto --dist loadgroup "$@" || status=$?
exit $((status ? status : fuzzed))
