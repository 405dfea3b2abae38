"""Files that a script writes, and the commands that start them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from slurmfix.shell.command import Command, Runs

_INTO = re.compile(r"""(?<![2-9&>])>{1,2}\|?[ \t]*("[^"\n]*"|'[^'\n]*'|[^\s;&|<>]+)""")
_OUT = re.compile(r"(?:1|&)?>[>|]?(?![&>]|\s*[\"']?/dev/)")
_NEXT = re.compile(r";|&&|(?<!>)\|")  # the rest of a heredoc's first line may hold other commands
# What starts a file in its words, in the same job, and what of that starts it in each task of a step.
_STARTERS = frozenset(
    """
    bash sh dash ksh zsh time nohup env exec nice timeout command stdbuf numactl taskset setsid ionice watch xargs
    parallel find flock strace script unbuffer
    """.split()
)
_STEPS = frozenset("srun mpirun mpiexec mpiexec.hydra ibrun jsrun aprun prun orterun".split())
_ELSEWHERE = frozenset("sbatch ssh qsub bsub".split())
# What a shell's script, or a job's, ends in.
_SHELLS = re.compile(r"\.(?:sh|bash|slurm|sbatch|sub|job|pbs|sl)\Z")


def files_of(command: Command) -> frozenset[str]:
    """The last parts of the names of the files that a `cat` or `tee` writes."""
    names = [match[1] for redirect in command.redirects for match in _INTO.finditer(_NEXT.split(redirect)[0])]
    if command.name.rsplit("/", 1)[-1] == "tee":
        names += [word.source for word in command.words[1:] if not word.source.startswith("-")]
    return frozenset(filter(None, (name.strip("\"'").rsplit("/", 1)[-1] for name in names)))


def is_kept(command: Command) -> bool:
    """Whether the standard output of a command goes to a file."""
    return any(map(_OUT.match, command.redirects))


def is_script(name: str) -> bool:
    """Whether a file's name says that it is a shell's script."""
    return _SHELLS.search(name) is not None


def names_one(command: Command, files: frozenset[str]) -> bool:
    """Whether a command has one of these files in its words, in whatever folder."""
    return any(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", command.source) for name in files)


def started_by(commands: Iterable[Command], files: frozenset[str]) -> Runs:
    """How one of these commands starts a file in its own job, once or in each task of a step; NOTHING where none does,
    or where it is handed to another job.
    """
    found = Runs.NOTHING
    for command in commands:
        if not names_one(command, files) or not command.words:
            continue
        names = [word.literal.rsplit("/", 1)[-1] for word in command.words]
        if not _ELSEWHERE.isdisjoint(names):
            return Runs.NOTHING
        if names[0] in _STEPS or (names[0] in _STARTERS and not _STEPS.isdisjoint(names)):
            found = Runs.STEP
        elif found is Runs.NOTHING and (names[0] in files or names[0] in _STARTERS):
            found = Runs.BASH
    return found
