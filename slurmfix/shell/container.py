"""The words that stand for a container: variables whose value starts one, and functions that run their words in one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from slurmfix.shell.command import FUNCTION, Command
from slurmfix.shell.words import assignment
from slurmfix.vocabulary import Kind, programs_of

RUNTIMES = tuple(sorted(programs_of(Kind.CONTAINER)))
_RUNTIME = re.compile(rf"(?:[^\s`]*/)?(?:{'|'.join(RUNTIMES)})\Z|--container-", re.I)
_STARTERS = programs_of(Kind.STEP, Kind.WRAPPER)
# `$(which singularity)` and `${ENGINE:-apptainer}` are what stands in them.
_LOOKED_UP = re.compile(r"\$\((?:which|command\s+-v|type\s+-P)\s+([^\s()]+)\)|\$\{\w+:?[-=]([^{}]*)\}")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:\[[@*]\])?\})\Z", re.ASCII)
_ARGUMENTS = re.compile(r"\$\{?[@*]")


def may_start_one(low: str) -> bool:
    """Whether a text, in lower case, speaks of a container at all: a cheap test for all scripts that do not."""
    return "--container-" in low or any(runtime in low for runtime in RUNTIMES)


def container_words(commands: Iterable[Command], known: set[str]) -> set[str]:
    """`$NAME` for a variable and the name of a function, where these commands make one; `known` are those so far."""
    found = set(known)
    for command in commands:
        if "=" in command.source and _may_be_one(command.source, found):
            found.update(f"${each.name}" for each in command.assignments if starts_one(each.word.source, found))
    for command in commands:  # a function may use a variable that is set after it
        functions = [place.note for place in command.within if place.kind == FUNCTION]
        if functions and _ARGUMENTS.search(command.source) and starts_one(command.source, found):
            found.add(functions[-1])
    return found


def _may_be_one(source: str, known: set[str]) -> bool:
    """A cheap test for most assignments."""
    return may_start_one(source.lower()) or any(word.removeprefix("$") in source for word in known)


def calls_one(words: Iterable[str], known: Collection[str]) -> bool:
    """Whether a command with these words, as they are written, runs in a container by way of what is `known`."""
    if not known:
        return False
    own = [word for word in words if not assignment(word)]
    return own[:1] != [] and (own[0] in known or any(_is_known(word, known) for word in own))


def _is_known(word: str, known: Collection[str]) -> bool:
    match = _VARIABLE.match(word.strip("\"'"))
    return match is not None and f"${match[1] or match[2]}" in known


def starts_one(source: str, known: Collection[str]) -> bool:
    """Whether a command, or a value that is one, starts a container: by its first word, or behind a launcher."""
    words = _LOOKED_UP.sub(lambda match: match[1] or match[2], source).replace("(", " ").split()
    words = [word.strip("\"')") for word in words]
    while words and assignment(words[0]):
        del words[0]
    if not words:
        return False
    if not words[0].startswith("-") and words[0].rsplit("/", 1)[-1] not in _STARTERS:
        words = words[:1]
    return words[0] in known or any(_RUNTIME.match(word) or _is_known(word, known) for word in words)
