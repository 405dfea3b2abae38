"""The job uses or sets one of conda's own variables.

What it finds
    `$CONDA_PREFIX`, `$CONDA_DEFAULT_ENV` in a command; `$CONDA_EXE`, `$CONDA_PYTHON_EXE` and their kin;
    `export CONDA_ENVS_PATH=…`, `unset CONDA_SHLVL` and their kin.

Why it matters
    Without conda they are empty, and a path such as `$CONDA_PREFIX/bin` becomes `/bin`.

Instead
    `$VIRTUAL_ENV` for `$CONDA_PREFIX`; a line that only sets conda up goes. What holds conda's own programs and folders
    has no counterpart: it is left for a person, but where it only makes conda available or runs something.

Fix safety
    `review`: a library that conda brought (`$CONDA_PREFIX/lib`) is not in a virtualenv.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise, takewhile

from slurmfix.remarks import phrase
from slurmfix.rules import messages
from slurmfix.rules.acts import Drop, Left, Report, Value
from slurmfix.rules.rule import Finding, Rule
from slurmfix.shell import PARAMETER, Command, Script, Word, assigned_at_a_line_start
from slurmfix.text import Span

_INSTEAD = {"CONDA_PREFIX": "${VIRTUAL_ENV}", "CONDA_DEFAULT_ENV": "${VIRTUAL_ENV##*/}"}
_LIBRARY = re.compile(r"\"?/(lib(?!/python)|include|share|etc)\b")
_PROGRAM = re.compile(r"\"?/bin/([\w.+-]+)")
_OF_PYTHON = re.compile(r"(?:python|pip)[\d.]*|torchrun|accelerate|jupyter|ipython|pytest|activate")
_HOMES = re.compile(
    r"(?:(?:CUDA|CUDNN|CONDA|BOOST|HDF5|O?MPI|OPAL|GSL|FFTW|MKL|NETCDF|JAVA|QT|R|CMAKE|PERL|GDAL|PROJ|SSL)\w*|PYTHONHOME)="
)
_NOT_HELD = re.compile(r"\"?/(?:lib(?!/python)|include|share|etc|ssl|opt|var|libexec|sbin|plugins|sysroot|x86_64)\b")
_PATH = re.compile(r"[:;,\s\"']")
_NAMED = re.compile(r"(?<![\w${])(?:CONDA_PREFIX|CONDA_DEFAULT_ENV)\b(?!=)")
READ = re.compile(
    r"\$\{?(CONDA_PREFIX|CONDA_DEFAULT_ENV|CONDA_EXE|CONDA_PYTHON_EXE|_CONDA_ROOT|_CONDA_EXE|MAMBA_EXE|MAMBA_ROOT_PREFIX)\b"
    r"|(?<=-v )(CONDA_PREFIX|CONDA_DEFAULT_ENV)\b"
)
_PLAIN = re.compile(r"\$(?:\w+|\{\w+\})")
_CONDAS_OWN = re.compile(r"/(?:etc/conda|conda-meta)\b")  # no virtualenv has these folders
_IN_A_TEST = re.compile(r"(?:^|[\s;&|(!])\[\[?\s(?:(?!\s\]\]?(?:\s|;|\Z)).)*\Z")
_ASKS, _USES = "asks for {name}", "uses {name}"
_SHOWS = ("echo", "printf", "unset", "export", "declare", "readonly", "read")
_SETS_PREFIX = re.compile(r"^[ \t]*(?:export[ \t]+)?CONDA_PREFIX=", re.M)
_OURS = re.compile(
    r"(CONDA_(ENVS_PATH|ENVS_DIRS|PKGS_DIRS|SHLVL|PREFIX|PREFIX_\d|DEFAULT_ENV|EXE|PYTHON_EXE|PROMPT_MODIFIER|ALWAYS_YES|OVERRIDE_\w+|CHANNELS|AUTO_\w+|SOLVER)|_CE_CONDA|_CE_M|MAMBA_(ROOT_PREFIX|EXE|NO_BANNER))\Z"
)


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    literals = [word.literal for word in words]
    if literals[:1] == ["unset"]:
        names = [name for name in literals[1:] if not name.startswith("-")]
        if names and all(_OURS.match(name) for name in names):
            yield Finding("variable", Drop(), command.span, phrase("unsets {names}", names=", ".join(names)), command)
        return
    assigned = command.assignments
    if (
        assigned
        and (not words or words[0].literal in ("export", "declare"))
        and all(_OURS.match(a.name) for a in assigned)
    ):
        if len(words) <= 1 + len(assigned) and not (set_by_the_author(script) and "CONDA_PREFIX" in command.source):
            says = phrase("sets {names}", names=", ".join(a.name for a in assigned))
            yield Finding("variable", Drop(), command.span, says, command)
        return
    if set_by_the_author(script):
        return
    for word in words:
        yield from _uses(command, word)
    if literals and literals[0] not in _SHOWS:
        yield from _asked_for_by_name(command, words)
    for each in () if words else assigned:
        yield from _uses(command, each.word, f"{each.name}=")


def read_elsewhere(script: Script) -> Iterator[Finding]:
    """What no command reads: in `[ … ]`, `${…:?}`, and heredocs that are expanded; what the author sets is not ours."""
    if not script.commands or set_by_the_author(script):
        return
    for match in READ.finditer(script.text):
        name = match[1] or match[2]
        if assigned_at_a_line_start(script, name) is not None:
            continue
        at = Span(match.start(2) if match[2] else match.start(), match.end())
        before = [command for command in script.commands if command.span.start <= at.start]
        holder = before[-1] if before else script.commands[0]
        plain = _PLAIN.match(script.text, at.start)
        into = plain is not None and _CONDAS_OWN.match(script.text, plain.end()) is not None
        tested = name in _INSTEAD and not into and not holder.layers and _is_tested(script, at)
        if tested and (match[2] or plain):
            span = at if plain is None else Span(*plain.span())
            new = "VIRTUAL_ENV" if match[2] else _INSTEAD[name]
            yield Finding("variable", Value(new), span, phrase(_ASKS, name=name), _standing(script, holder, span))
            continue
        why = messages.EMPTY_VARIABLE.about(name=name)
        yield Finding("variable", Report(Left.ANSWER), at, phrase(_USES, name=name), holder, why=why)


def _is_tested(script: Script, at: Span) -> bool:
    """Whether it stands in a `[ … ]` or a `[[ … ]]`."""
    line = script.text[script.text.rfind("\n", 0, at.start) + 1 : at.start]
    return _IN_A_TEST.search(line) is not None


def _standing(script: Script, before: Command, at: Span) -> Command:
    """A command of that place: a test is none to the grammar. It stands in what its neighbours share."""
    after = next((command for command in script.commands if command.span.start >= at.end), None)
    pairs = zip(before.within, after.within if after is not None else (), strict=False)
    shared = takewhile(lambda pair: pair[0] == pair[1], pairs)
    return before.moved(at, tuple(one for one, _ in shared))


def _asked_for_by_name(command: Command, words: tuple[Word, ...]) -> Iterator[Finding]:
    """`test -v CONDA_PREFIX`, and what programs look for: `os.environ["CONDA_PREFIX"]`, `printenv CONDA_PREFIX`."""
    for before, word in pairwise(words):
        found = _NAMED.search(word.source)
        if found is None:
            continue
        if before.literal == "-v" and found[0] == word.literal:
            yield Finding("variable", Value("VIRTUAL_ENV"), word.span, phrase(_ASKS, name=found[0]), command)
        elif "CONDA_" not in word.source.split("=", 1)[0] or "=" not in word.source:
            why = messages.OTHER_VARIABLE.about(name=found[0])
            yield Finding("variable", Report(), word.span, phrase(_ASKS, name=found[0]), command, why=why)


def set_by_the_author(script: Script) -> bool:
    """Whether CONDA_PREFIX is the author's own variable: the script sets it, and may use what it has set."""
    return _sets_prefix(script.text)


@lru_cache(maxsize=4)
def _sets_prefix(text: str) -> bool:
    """Asked of every command with a variable, and the same for all of a script."""
    return "CONDA_PREFIX=" in text and _SETS_PREFIX.search(text) is not None


def _uses(command: Command, word: Word, assigns: str = "") -> Iterator[Finding]:
    at = 0
    home = _HOMES.match(assigns or word.source) is not None
    for part in word.parts:
        new = _INSTEAD.get(part.text) if part.kind == PARAMETER and part.default is None else None
        if new and "/activate.d" not in word.source:
            says = phrase(_USES, name=part.text)
            following = "".join(p.source for p in word.parts)[at + len(part.source) :]
            if part.text == "CONDA_PREFIX" and (home or _NOT_HELD.match(following)):
                message = messages.NO_LIBRARIES if home or _LIBRARY.match(following) else messages.NOT_HELD
                why = message.about(path=f"{part.source}{_PATH.split(following, maxsplit=1)[0]}")
                yield Finding("variable", Report(Left.ANSWER), word.span, says, command, why=why)
                return
            called = _PROGRAM.match(following)
            if called and not _OF_PYTHON.fullmatch(called[1]):
                why = messages.PROGRAM_NOT_HELD.about(program=called[1])
                yield Finding("variable", Report(Left.ANSWER), word.span, says, command, why=why)
                return
            yield Finding("variable", Value(new), word.part(at, at + len(part.source)), says, command)
        at += len(part.source)


RULE = Rule(
    "variable",
    "the job uses or sets one of conda's own variables",
    check,
    words=("conda", "mamba", "_ce_m"),
    bad=(
        "export CONDA_ENVS_PATH=/x/envs\n",
        "conda activate x\n$CONDA_PYTHON_EXE a.py\n",
        "echo $CONDA_PREFIX\n",
        "unset CONDA_SHLVL\n",
        'ls "${CONDA_PREFIX}/lib"\n',
        "export PYTHONHOME=$CONDA_PREFIX\n",
        'OPAL_PREFIX="$CONDA_PREFIX"\n',
        "export CERTIFICATES=$CONDA_PREFIX/ssl/cacert.pem\n",
        "$CONDA_PREFIX/bin/samtools view a.bam\n",
    ),
    good=("CONDA_ROOT=/x/miniconda3\n", "echo $VIRTUAL_ENV\n", "echo '$CONDA_PREFIX'\n"),
    manual=__doc__ or "",
)
