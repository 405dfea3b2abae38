"""One command is run inside a conda environment.

What it finds
    `conda run -n NAME COMMAND …` (also mamba and micromamba), with its options, by name or by prefix.

Why it matters
    `conda run` starts conda anew for each command, and keeps the output back until the command ends.

Instead
    The environment is built once before, and the command runs by itself with that environment first on its PATH.

Fix safety
    As an activation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.remarks import phrase
from slurmfix.rules import messages
from slurmfix.rules.acts import Drop, Left, Report, Run, Target
from slurmfix.rules.rule import (
    Finding,
    Rule,
    arguments,
    base_target,
    program,
    subcommand,
    target_of,
)
from slurmfix.shell import Command, Script, Word
from slurmfix.text import Span

_ALONE = (
    "--no-capture-output",
    "--live-stream",
    "-s",
    "-v",
    "--verbose",
    "--dev",
    "--debug-wrapper-scripts",
    "-a",
    "--detach",
    "-d",
)
# What only changes the shell that runs it, or ends that: there are no programs of these names.
_OF_THE_SHELL = frozenset(
    "cd pushd popd export unset set shopt alias unalias declare typeset local readonly read umask ulimit let".split()
)
_ENDS_THE_SHELL = frozenset("exit return exec eval source . trap wait break continue shift".split())
_ASSIGNS = re.compile(r"[A-Za-z_]\w*(\[|\+?=)", re.ASCII)
_KEYWORD = re.compile(
    r"\[.*|[{}!]|if|then|elif|else|fi|for|while|until|do|done|case|esac|select|function|coproc|in", re.DOTALL
)

_NO_PROGRAM = phrase("runs no program in an environment")
_NEEDS_CONDA = Report(Left.NEEDS_CONDA)


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    if not words or words[0].literal in ("echo", "printf", "module", "ml", "source", ".", "activate"):
        return
    if program(words[0]) and subcommand(words)[0] != "run":
        return  # `conda activate conda run`: its words are names, as are those of `activate`
    runs = [at for at, word in enumerate(words) if program(word) and subcommand(words[at:])[0] == "run"]
    if len(runs) > 1:
        says, why = phrase("runs one environment in another"), messages.RUN_IN_RUN.about()
        yield Finding("run", _NEEDS_CONDA, command.span, says, command, why=why)
    elif runs:
        yield _found(command, words, runs[0])


def _found(command: Command, words: tuple[Word, ...], at: int) -> Finding:
    _, rest = subcommand(words[at:])
    target: Target = base_target()
    position = len(rest)
    for option, value, start in arguments(rest):
        if not option:
            position = start
            break
        if option in ("--name", "--prefix") and value is not None:
            target = target_of(value)
        elif option not in _ALONE:
            given = rest[start].literal
            says = phrase("runs a command in an environment with the option {option}", option=given)
            why = messages.NO_COUNTERPART.about(option=given)
            return Finding("run", _NEEDS_CONDA, command.span, says, command, why=why)
    if position == len(rest):
        says, why = phrase("runs nothing in an environment"), messages.NO_COMMAND.about()
        return Finding("run", _NEEDS_CONDA, command.span, says, command, why=why)
    if _ASSIGNS.match(rest[position].source):
        says, why = (
            phrase("runs what looks like an assignment"),
            messages.RUNS_AN_ASSIGNMENT.about(word=rest[position].source),
        )
        return Finding("run", _NEEDS_CONDA, command.span, says, command, why=why)
    if _KEYWORD.fullmatch(rest[position].source):
        why = messages.RUNS_A_KEYWORD.about(word=rest[position].source)
        return Finding("run", _NEEDS_CONDA, command.span, _NO_PROGRAM, command, why=why)
    called = rest[position].literal
    if called in _OF_THE_SHELL and not command.within and at == 0:
        says = phrase("runs `{called}` in a process of its own, which changes nothing in the job", called=called)
        return Finding("run", Drop(), command.span, says, command)
    if called in _OF_THE_SHELL | _ENDS_THE_SHELL:
        why = messages.RUNS_IN_THE_JOB.about(word=called)
        return Finding("run", _NEEDS_CONDA, command.span, _NO_PROGRAM, command, why=why)
    span = Span(words[at].span.start, rest[position].span.start)
    says = phrase("runs a command in the conda environment {name}", name=target.text)
    return Finding("run", Run(target), span, says, command)


def is_program(word: Word) -> bool:
    """Whether a word that another program is told to run can be run without that."""
    named = _ASSIGNS.match(word.source) or _KEYWORD.fullmatch(word.source) or " " in word.literal
    return not named and word.literal not in _OF_THE_SHELL | _ENDS_THE_SHELL


RULE = Rule(
    "run",
    "one command is run inside a conda environment",
    check,
    words=("run",),
    bad=(
        "conda run -n foo python x.py\n",
        "srun conda run --no-capture-output --name foo python x.py\n",
        "micromamba run -p /x/envs/foo python x.py\n",
        'conda run -n"$ENV" python x.py\n',
        "conda run --cwd /x -n foo python x.py\n",
        "conda run -n foo A=1 python x.py\n",
        "conda run -n foo [ -f x ]\n",
        "conda run -n foo conda run -n bar python x.py\n",
    ),
    good=("conda_run foo\n", "echo conda run -n foo python\n"),
    manual=__doc__ or "",
)
