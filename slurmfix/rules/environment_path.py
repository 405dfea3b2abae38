"""A program is called by its path inside a conda environment.

What it finds
    `/home/a/miniconda3/envs/foo/bin/python x.py`, the same path in a variable (`PYTHON=…/envs/foo/bin/python`) or an
    alias, and `miniconda3/bin/python` of conda itself.

Why it matters
    The path names one person's home folder and bypasses modules and virtualenv.

Instead
    The path of the same program in the virtualenv, which is built before it is first used.

Fix safety
    `python` and `pip` as an activation; other programs are left for a person, since a virtualenv may not hold them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.rules.rule import (
    CONDA,
    ODDLY_QUOTED,
    PROGRAM,
    REPORT,
    Finding,
    Rule,
    Target,
    base_target,
    environment_path,
    is_plain,
    program,
)
from slurmfix.shell import Command, Script, Word, value_of

_PYTHON = re.compile(r"bin/(python[\d.]*|pip[\d.]*|torchrun|accelerate|jupyter|ipython|pytest)\Z")
_SEVERAL = re.compile(r"[\s:;|&]")
_IN_TEXT = re.compile(r"[^\s=:'\"]*/bin/[\w.+-]+")


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    if words and words[0].literal in ("echo", "printf", "source", ".", "export", "test") and not command.assignments:
        return
    candidates = [(word, 0) for word in words if "=" not in word.source.split("/", 1)[0]]
    candidates += [(assigned.word, 0) for assigned in command.assignments if not assigned.name.endswith("PATH")]
    if words and words[0].literal == "alias":
        candidates += [(word, word.source.index("=") + 1) for word in words[1:] if "=" in word.source]
    for word, skip in candidates:
        source = word.source[skip:]
        start, end = skip, len(word.source)
        if source[:1] in "\"'" and source[-1:] == source[:1] and len(source) > 1:
            start, end = start + 1, end - 1
        path = word.source[start:end]
        if "/" not in path or _SEVERAL.search(path):
            continue
        literal = is_plain(source)
        if "$" in path and not skip:
            value = value_of(script, word, command)  # `$ENVDIR/bin/python`, where the script says what ENVDIR is
            path = value.text
            literal = literal and is_plain(path) and not (value.known and "$" in path)
        if (not CONDA.search(path) and "/envs/" not in path) or "TMPDIR" in path:
            continue
        found = environment_path(path)
        if found is None or not re.fullmatch(r"bin/[\w.+-]+", found[2]):
            continue
        prefix, name, rest = found
        last = rest.rsplit("/", 1)[-1]
        if program(word) or last in ("activate", "deactivate", "conda"):
            continue
        target = base_target() if name == "base" else Target("path", prefix)
        span = word.part(start, end)
        says = f"calls {last} by its path in the conda environment {name}"
        if not literal:
            yield Finding("environment-path", REPORT, word.span, says, command, target, why=ODDLY_QUOTED)
            continue
        if _PYTHON.search(rest):
            # A virtualenv has no python3.8 where it is made with another Python.
            plain = re.sub(r"^(python|pip)[\d.]*$", r"\1", last)
            yield Finding("environment-path", PROGRAM, span, says, command, target, new=f"/bin/{plain}")
        else:
            why = f"a virtualenv may not hold {last}: load the module that has it, or call it from an Apptainer image"
            yield Finding("environment-path", REPORT, word.span, says, command, target, why=why)


RULE = Rule(
    "environment-path",
    "a program is called by its path inside a conda environment",
    check,
    words=("/",),
    bad=(
        "/home/a/miniconda3/envs/foo/bin/python x.py\n",
        "srun ~/.conda/envs/foo/bin/python3 -u x.py\n",
        "PYTHON=/x/anaconda3/envs/foo/bin/python\n",
        "conda activate x\nCONDA_PREFIX=/x/miniconda3/envs/foo\n$CONDA_PREFIX/bin/python x.py\n",
        "/x/miniconda3/envs/foo/bin/samtools view a.bam\n",
        'readonly E=$HOME/miniconda3/envs/foo\n"${E}/bin/samtools" view a.bam\n',
        "B=/x/miniconda3/envs/foo/bin\nsrun $B/samtools view a.bam\n",
        '"$HOME/miniconda3/bin/python" x.py\n',
    ),
    good=(
        "/usr/bin/python x.py\n",
        "./venv/bin/python x.py\n",
        "echo /x/miniconda3/bin/python\n",
        "E=/x/tool\n$E/bin/samtools view a.bam\n",
    ),
    manual=__doc__ or "",
)
