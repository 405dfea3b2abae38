"""Files that a script writes, and the commands that start them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from slurmfix.shell.command import BACKGROUND, Command, Runs
from slurmfix.vocabulary import SEVERAL, Kind, pattern_of, programs_of

_INTO = re.compile(r"""(?<![2-9&>])>{1,2}\|?[ \t]*("[^"\n]*"|'[^'\n]*'|[^\s;&|<>]+)""")
_OUT = re.compile(r"(?:1|&)?>[>|]?(?![&>]|\s*[\"']?/dev/)")
_FROM = re.compile(r"0?<[ \t]*([^\s<&(][^\s]*)")
_HERE_STRING = re.compile(r"<<<\s*(\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s;|&]+)")
_NEXT = re.compile(r";|&&|(?<!>)\|")  # the rest of a heredoc's first line may hold other commands
# What starts a file in its words, in the same job, and what of that starts it several times at once.
_STARTERS = programs_of(Kind.SHELL, Kind.WRAPPER, Kind.SEARCH)
_AT_ONCE = programs_of(*SEVERAL)
_ELSEWHERE = re.compile(pattern_of(Kind.JOB, Kind.REMOTE))
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


def files_read_by(command: Command) -> tuple[str, ...]:
    """The files whose content is the standard input of a command, as they are named: `sort < list.txt`."""
    given = (_FROM.fullmatch(redirect) for redirect in command.redirects)
    return tuple(match[1].strip("\"'") for match in given if match)


def here_strings_of(command: Command) -> tuple[str, ...]:
    """What `<<<` hands to a command, without its quotes."""
    return tuple(match[1].strip("\"'") for match in _HERE_STRING.finditer(command.source))


def is_script(name: str) -> bool:
    """Whether a file's name says that it is a shell's script."""
    return _SHELLS.search(name) is not None


def names_one(command: Command, files: frozenset[str]) -> bool:
    """Whether a command has one of these files in its words, in whatever folder."""
    return any(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", command.source) for name in files)


def started_by(commands: Iterable[Command], files: frozenset[str]) -> Runs:
    """How one of these commands starts a file in its own job: one at a time, or several at once as the tasks of a step
    are. NOTHING where none does, or where it is handed to another job.
    """
    found = Runs.NOTHING
    for command in commands:
        if not names_one(command, files) or not command.words:
            continue
        names = [word.literal.rsplit("/", 1)[-1] for word in command.words]
        if _ELSEWHERE.search(command.source):
            return Runs.NOTHING
        if names[0] not in files and names[0] not in _STARTERS and names[0] not in _AT_ONCE:
            continue
        behind = any(place.kind == BACKGROUND for place in command.within)
        if behind or not _AT_ONCE.isdisjoint(names):
            found = Runs.STEP
        elif found is Runs.NOTHING:
            found = Runs.BASH
    return found
