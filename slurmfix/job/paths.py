"""The relative paths that a job names: what it expects in the folder that it is submitted from."""

from __future__ import annotations

import re

from slurmfix.shell import Command, Script

_RELATIVE = re.compile(r"(?:\./)?[\w.-]+(?:/[\w.-]+)*(?:/|\.\w{1,6})")
_ODD = re.compile(r"[\\\"'`({<>&;|#\n]|[^\x00-\x7f]")
_NAMES_NO_PATHS = ("echo", "printf", "module", "ml")
_MOST_PATHS = 50


def _words_of(command: Command) -> list[str]:
    """The words without their quotes, as they are written."""
    if not _ODD.search(command.source):  # blanks part them
        return command.source.split()
    return [command.source[start:end].strip("\"'") for start, end in command.pieces]


def relative_paths(script: Script) -> tuple[str, ...]:
    """Words of the author's commands that look like relative paths: what the job expects where it is submitted."""
    found: dict[str, None] = {}
    for command in script.commands:
        if not ("." in command.source or "/" in command.source) or command.name in _NAMES_NO_PATHS:
            continue
        for piece in _words_of(command)[:12]:
            if ("." in piece or "/" in piece) and piece[0] != "-" and _RELATIVE.fullmatch(piece):
                found[piece] = None
        if len(found) >= _MOST_PATHS:
            break
    return tuple(found)[:_MOST_PATHS]
