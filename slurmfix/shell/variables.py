"""Where a script uses a variable, and where it gives it a value."""

from __future__ import annotations

import re
from bisect import bisect_left

from slurmfix.shell.script import Script
from slurmfix.text import Span

_USE = re.compile(r"\$\{?(\w+)")


def uses_of(script: Script, name: str) -> tuple[Span, ...]:
    """Where `$NAME` and `${NAME` stand, in quotes, heredocs and comments as well."""
    if uses_of not in script.followed:
        found: dict[str, list[Span]] = {}
        for match in _USE.finditer(script.text):
            found.setdefault(match[1], []).append(Span(*match.span()))
        script.followed[uses_of] = {name: tuple(spans) for name, spans in found.items()}
    uses: tuple[Span, ...] = script.followed[uses_of].get(name, ())
    return uses


def is_given_between(script: Script, name: str, start: int, end: int) -> bool:
    """Whether a script gives a variable a value between two places: by an assignment, a loop, `read`, a counter; an
    argument by `shift` and `set --`.
    """
    key = (is_given_between, name)
    if key not in script.followed:
        script.followed[key] = [match.start() for match in _giving(name).finditer(script.text)]
    places: list[int] = script.followed[key]
    at = bisect_left(places, start)
    return at < len(places) and places[at] < end


def _giving(name: str) -> re.Pattern[str]:
    if name.isdigit() or name in "@*":
        return re.compile(r"\bshift\b|\bset[ \t]+--")
    name = re.escape(name)
    counted = rf"(?:\(\(|\blet\b)[^\n;]*(?:(?:\+\+|--){name}\b|\b{name}\s*(?:\+\+|--|[-+*/%]?=))"
    loops = rf"\bselect[ \t]+{name}\b|\b(?:for|read|getopts|mapfile)\b[^\n;]*\b{name}\b"
    return re.compile(rf"(?<![\w$]){name}\+?=|{name}\[[^]\n]*\]\+?=|{loops}|{counted}")


def assigned_at_a_line_start(script: Script, name: str) -> str | None:
    """The first word of the first value that a line of its own gives a variable, perhaps exported; None without one."""
    match = re.search(rf"(?m)^[ \t]*(?:export[ \t]+)?{name}=(\S*)", script.text)
    return match[1] if match else None
