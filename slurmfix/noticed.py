"""What is said of a script beside its findings: line ends, a header that sbatch does not obey, containers."""

from __future__ import annotations

import re

from slurmfix.shell import SCRIPT, Script

_SPEAKS = re.compile(r"(?m)^[^#\n]*?\b(?:conda|mamba|micromamba|source|\.)[ \t]+(?:activate|run)\b")


def notes(script: Script) -> tuple[str, ...]:
    found = []
    if "\r\n" in script.text:
        found.append("has DOS line ends (CRLF), which sbatch refuses: dos2unix mends that")
    if script.text.startswith("\ufeff"):
        found.append("starts with a byte order mark, which sbatch refuses")
    late = _late(script)
    if late is not None:
        line = script.text.count("\n", 0, late) + 1
        found.append(f"sbatch ignores its #SBATCH lines from line {line} on, since a command stands above them")
    return (*found, *containers(script))


def _late(script: Script) -> int | None:
    """Where the first `#SBATCH` line stands that sbatch does not obey; an inner script has a header of its own."""
    inner = {place.span for command in script.commands for place in command.within if place.kind == SCRIPT}
    for span in script.comments:
        if (
            span.start >= script.header_end
            and script.text.startswith("#SBATCH", span.start)
            and script.text[span.start - 1 : span.start] == "\n"
            and not any(place.holds(span) for place in inner)
        ):
            return span.start
    return None


def containers(script: Script) -> tuple[str, ...]:
    if not script.containers:
        return ()
    lines = sorted({script.text.count("\n", 0, span.start) + 1 for span in script.containers})
    return (f"what runs inside a container is left alone (line {', '.join(map(str, lines))})",)


def torn(script: Script) -> tuple[str, ...]:
    """What to say where nothing was found, and where conda stands in what could not be read."""
    if not script.unread:
        return ()
    first = min(span.start for span in script.unread)
    start = script.text.rfind("\n", 0, first) + 1
    for match in _SPEAKS.finditer(script.text, start):
        if not any(span.start <= match.start() < span.end for span in script.comments):
            line = script.text.count("\n", 0, first) + 1
            return (f"cannot be read for sure from line {line} on, and speaks of conda there: `bash -n` may tell why",)
    return ()
