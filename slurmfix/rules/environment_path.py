"""A program is called, or a file used, by its path inside a conda environment.

What it finds
    `/home/a/miniconda3/envs/foo/bin/python x.py`, the same path in a variable (`PYTHON=…/envs/foo/bin/python`) or an
    alias, and `miniconda3/bin/python` of conda itself; `--index=…/envs/foo/share/index` and other files that it holds.

Why it matters
    The path names one person's home folder and bypasses modules and virtualenv.

Instead
    The path of the same program in the virtualenv, which is built before it is first used.

Fix safety
    `python` and `pip` as an activation; other programs and files are left for a person, since a virtualenv may not hold
    them, and so is a program in one of several environments. What a container runs is its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from slurmfix.remarks import phrase
from slurmfix.rules import messages
from slurmfix.rules.acts import Program, Report, Target
from slurmfix.rules.folders import Inside, environment_path
from slurmfix.rules.rule import (
    CONDA,
    CONTAINER,
    Finding,
    Rule,
    is_plain,
    program,
)
from slurmfix.shell import Command, Script, Word, value_of
from slurmfix.text import Span, excerpt

_PYTHON = re.compile(
    r"bin/(python[\d.]*|pip[\d.]*|torchrun|accelerate|deepspeed|jupyter(-\w+)?|papermill|ipython|pytest|tensorboard)\Z"
)
_SEVERAL = re.compile(r"[\s:;|&]")
_DEFAULTED = re.compile(r"\$\{\w+:[-=][^{}\s]*\}")
_PROGRAM = re.compile(r"bin/[\w.+-]+")
_FOLDER = re.compile(r"(?:bin/?)?")  # an environment, or where its programs are: it matters who uses it
_HELD = re.compile(r"(?:lib\w*|share|include|etc|opt|var|ssl)(?:/|\Z)")  # what an environment of conda's is made of
_OPTION = re.compile(r"-[\w-]+=")
_READS = re.compile(r"<[ \t]*(?![<&(])")
_CALLS = "calls {program} by its path in the conda environment {name}"


def check(command: Command, words: tuple[Word, ...], script: Script, own: Iterable[str] = ()) -> Iterator[Finding]:
    """`own` are folders that the script itself says are environments."""
    if words and words[0].literal in ("echo", "printf", "source", ".", "export", "test") and not command.assignments:
        return
    for word, skip in _candidates(command, words):
        source = word.source[skip:]
        start, end = skip, len(word.source)
        if source[:1] in "\"'" and source[-1:] == source[:1] and len(source) > 1:
            start, end = start + 1, end - 1
        path = word.source[start:end]
        if "/" not in path or _SEVERAL.search(_DEFAULTED.sub("", path)):
            if called := next((found for piece in path.split() if (found := _into_conda(piece, own))), None):
                yield from _among_words(called, word, command)
            continue
        literal = is_plain(source)
        if "$" in path and not skip:
            value = value_of(script, word, command)  # `$ENVDIR/bin/python`, where the script says what ENVDIR is
            path = value.text
            literal = literal and is_plain(path) and not (value.known and "$" in path)
            maybe = [found for each in value.possible if (found := _into_conda(each, own))]
            called = next((found for found in maybe if _PROGRAM.fullmatch(found.rest)), None)
            if called:
                says = phrase("calls {program} by its path in a conda environment", program=_last(called.rest))
                target = Target("path", called.prefix)
                why = messages.NAME_AT_RUN_TIME.about(path=excerpt(word.source))
                yield Finding("environment-path", Report(target=target), word.span, says, command, why=why)
                continue
        found = _into_conda(path, own)
        if found is None or _FOLDER.fullmatch(found.rest) or program(word):
            continue
        if not _goes_into_a_container(command, word, script):
            yield from _called_or_held(found, literal, command, word, word.part(start, end), own)


def _called_or_held(
    found: Inside, literal: bool, command: Command, word: Word, span: Span, own: Iterable[str]
) -> Iterator[Finding]:
    """A program that is called by its path, or something else that an environment holds."""
    prefix, name, rest = found
    last = _last(rest)
    if last in ("activate", "deactivate", "conda"):
        return
    if not _PROGRAM.fullmatch(rest):
        if (CONDA.search(prefix) and prefix not in own) or _HELD.match(rest):
            yield _uses(found, command, span)
        return
    target = Target("base" if name == "base" else "path", prefix)
    says = phrase(_CALLS, program=last, name=name)
    if not literal:
        yield Finding(
            "environment-path",
            Report(target=target),
            word.span,
            says,
            command,
            why=messages.ODDLY_QUOTED.about(path=excerpt(word.source)),
        )
    elif _PYTHON.search(rest):
        # A virtualenv has no python3.8 where it is made with another Python.
        plain = re.sub(r"^(python|pip)[\d.]*$", r"\1", last)
        yield Finding("environment-path", Program(target, f"/bin/{plain}"), span, says, command)
    else:
        why = messages.PROGRAM_NOT_HELD.about(program=last)
        yield Finding("environment-path", Report(target=target), word.span, says, command, why=why)


def _last(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _candidates(command: Command, words: tuple[Word, ...]) -> Iterator[tuple[Word, int]]:
    """The words that may be a path, and how much of each stands in front of it."""
    for word in words:
        if "=" not in word.source.split("/", 1)[0]:
            yield word, 0
        elif option := _OPTION.match(word.source):
            yield word, option.end()
        elif words[0].literal == "alias":
            yield word, word.source.index("=") + 1
    for assigned in command.assignments:
        yield assigned.word, 0


def _goes_into_a_container(command: Command, word: Word, script: Script) -> bool:
    """Whether a variable holds the path of a program that a container has."""
    for assigned in command.assignments:
        if assigned.word is word:
            used = re.compile(rf"\$\{{?{assigned.name}\b")
            for other in script.holding(assigned.name.lower()):
                at = used.search(other.source)
                if at and CONTAINER.search(other.source, 0, at.start()):
                    return True
    return False


def _into_conda(path: str, own: Iterable[str] = ()) -> Inside | None:
    return None if "TMPDIR" in path else environment_path(path, own)


def _among_words(called: Inside, word: Word, command: Command) -> Iterator[Finding]:
    """A program in a variable that holds more of a command: `PY="srun …/envs/foo/bin/python -u"`."""
    prefix, name, rest = called
    if _PROGRAM.fullmatch(rest) and any(assigned.word is word for assigned in command.assignments):
        says = phrase(_CALLS, program=_last(rest), name=name)
        target = Target("base" if name == "base" else "path", prefix)
        why = messages.AMONG_WORDS.about(path=f"{prefix}/{rest}", program=_last(rest))
        yield Finding("environment-path", Report(target=target), word.span, says, command, why=why)


def _uses(found: Inside, command: Command, span: Span) -> Finding:
    says = phrase("uses {file} of the conda environment {name}", file=found.rest, name=found.name)
    why = messages.NOT_HELD.about(path=f"{found.prefix}/{found.rest}")
    return Finding("environment-path", Report(), span, says, command, why=why)


def read_from(script: Script) -> Iterator[Finding]:
    """Files of an environment that a command's input comes from."""
    for command in script.commands:
        at = command.whole.start
        for redirect in command.redirects:
            opening = _READS.match(redirect)
            found = _into_conda(redirect[opening.end() :].strip("\"'")) if opening else None
            if found is None or command.layers:
                continue
            at = script.text.find(redirect, at, command.whole.end)
            yield _uses(found, command, Span(at, at + len(redirect)))


RULE = Rule(
    "environment-path",
    "a program is called, or a file used, by its path inside a conda environment",
    check,
    words=("/",),
    bad=(
        "/home/a/miniconda3/envs/foo/bin/python x.py\n",
        "srun ~/.conda/envs/foo/bin/python3 -u x.py\n",
        "PYTHON=/x/anaconda3/envs/foo/bin/python\n",
        'conda activate foo\nP="srun /x/miniconda3/envs/foo/bin/python -u"\n$P x.py\n',
        "conda activate x\nCONDA_PREFIX=/x/miniconda3/envs/foo\n$CONDA_PREFIX/bin/python x.py\n",
        "/x/miniconda3/envs/foo/bin/samtools view a.bam\n",
        'readonly E=$HOME/miniconda3/envs/foo\n"${E}/bin/samtools" view a.bam\n',
        "B=/x/miniconda3/envs/foo/bin\nsrun $B/samtools view a.bam\n",
        '"$HOME/miniconda3/bin/python" x.py\n',
        "for e in ~/miniconda3/envs/a ~/miniconda3/envs/b; do $e/bin/python x.py; done\n",
        "PYTHON=${PYTHON:-$HOME/miniconda3/envs/foo/bin/python}\n$PYTHON x.py\n",
        "PYTHON=${1:-/x/miniconda3/envs/foo/bin/python}\n$PYTHON x.py\n",
        '"${PYTHON:-/x/miniconda3/envs/foo/bin/python}" x.py\n',
        "cp /x/miniconda3/envs/foo/share/a.csv .\n",
        "conda activate foo\ntool --index=/x/miniconda3/envs/foo/share/index\n",
        "conda activate foo\npython x.py < /x/miniconda3/envs/foo/share/a.csv\n",
    ),
    good=(
        "/usr/bin/python x.py\n",
        "./venv/bin/python x.py\n",
        "echo /x/miniconda3/bin/python\n",
        "E=/x/tool\n$E/bin/samtools view a.bam\n",
        "PYTHON=${PYTHON:-/usr/bin/python3}\n$PYTHON x.py\n",
        "P=/opt/conda/envs/foo/bin/python\napptainer exec a.sif $P x.py\n",
        "ls /x/miniconda3/envs/foo\n",
        "cp /x/envs/data/a.csv .\n",
    ),
    manual=__doc__ or "",
)
