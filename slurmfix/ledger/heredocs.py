"""Where the text of a heredoc goes: to files that nothing runs, or that are only read."""

from __future__ import annotations

from collections.abc import Iterable

from slurmfix.shell import (
    PIPELINE,
    SUBSTITUTION,
    Command,
    Heredoc,
    Kind,
    Runs,
    Script,
    Spread,
    call_of,
    files_of,
    names_one,
    programs_of,
)

# What makes a script of a file that it is given, expands it, or gives it to others under another name.
_HAND_ON = programs_of(Kind.EVALUATES, Kind.JOB, Kind.REMOTE, Spread.ITEMS).union(
    "envsubst source . cat sed awk perl cp mv ln tee install dd scp rsync chmod".split()
)


def files_of_idle(heredoc: Heredoc, owner: Command | None, text: str) -> frozenset[str] | None:
    """The files that a heredoc goes to which nothing runs at once; None where something does."""
    if owner is None or heredoc.runs is not Runs.NOTHING or owner.name not in ("cat", "tee", ":"):
        return None
    line = text[heredoc.owner.start : heredoc.body.start]
    return None if is_handed_on(owner) or "|" in line else files_of(owner)


def are_only_read(files: frozenset[str], start: int, script: Script) -> bool:
    """Whether the commands that name one of these files are programs that take it for data."""
    users = (c for c in script.commands if c.span.start >= start and names_one(c, files))
    names = [call_of(script, command).name for command in users]
    return all(name and name not in files and name not in _HAND_ON for name in names)


def are_named(files: Iterable[str], text: str) -> bool:
    return any(name in text for name in files)


def is_handed_on(command: Command) -> bool:
    """Whether another command reads what it prints."""
    return any(
        place.kind == SUBSTITUTION or (place.kind == PIPELINE and place.note != "last") for place in command.within
    )
