"""Files of the system that a script may source, and that are known to use no conda."""

from __future__ import annotations

import re
from functools import cache

from slurmfix import knowledge
from slurmfix.shell import Command


def sources_the_system(command: Command) -> bool:
    """Whether a command sources such a file."""
    if command.name not in ("source", ".") or len(command.words) < 2:
        return False
    return is_of_the_system(command.words[1].literal)


def is_of_the_system(path: str) -> bool:
    return _system_files().fullmatch(path) is not None


@cache
def _system_files() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern, _ in knowledge.rows("system_files")))
