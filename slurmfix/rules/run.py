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

_NEEDS_CONDA = Report(Left.NEEDS_CONDA)


def check(command: Command, words: tuple[Word, ...], script: Script) -> Iterator[Finding]:
    if not words or words[0].literal in ("echo", "printf", "module", "ml", "source", ".", "activate"):
        return
    if program(words[0]) and subcommand(words)[0] != "run":
        return  # `conda activate conda run`: its words are names, as are those of `activate`
    runs = [at for at, word in enumerate(words) if program(word) and subcommand(words[at:])[0] == "run"]
    if len(runs) > 1:
        why = "of two environments only the inner one counts: take the outer `run` out"
        yield Finding("run", _NEEDS_CONDA, command.span, "runs one environment in another", command, why=why)
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
            return Finding(
                "run", _NEEDS_CONDA, command.span, f"runs a command in an environment with the option {given}", command,
                why=messages.NO_COUNTERPART.about(option=given),
            )  # fmt: skip
    if position == len(rest):
        return Finding(
            "run",
            _NEEDS_CONDA,
            command.span,
            "runs nothing in an environment",
            command,
            why=messages.NO_COMMAND.about(),
        )
    if _ASSIGNS.match(rest[position].source):
        why = "without conda in front of it the shell takes what is run for an assignment: call a program by its name"
        return Finding("run", _NEEDS_CONDA, command.span, "runs what looks like an assignment", command, why=why)
    if _KEYWORD.fullmatch(rest[position].source):
        why = f"without conda in front of it `{rest[position].source}` is the shell's own: call a program by its name"
        return Finding("run", _NEEDS_CONDA, command.span, "runs no program in an environment", command, why=why)
    called = rest[position].literal
    if called in _OF_THE_SHELL and not command.within and at == 0:
        says = f"runs `{called}` in a process of its own, which changes nothing in the job"
        return Finding("run", Drop(), command.span, says, command)
    if called in _OF_THE_SHELL | _ENDS_THE_SHELL:
        why = f"without conda in front of it `{called}` works on the job itself: take the line out"
        return Finding("run", _NEEDS_CONDA, command.span, "runs no program in an environment", command, why=why)
    span = Span(words[at].span.start, rest[position].span.start)
    return Finding("run", Run(target), span, f"runs a command in the conda environment {target.text}", command)


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
