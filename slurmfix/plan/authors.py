"""The commands of a script that are its author's own, beside what conda does in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from slurmfix.rules import Finding
from slurmfix.shell import Command, Script
from slurmfix.text import Cover


def authors_own(script: Script, findings: Iterable[Finding], start: int = 0) -> Iterator[Command]:
    """The commands from a place on that no finding is about, nor stand in one's."""
    ours = Cover(finding.command.whole for finding in findings)
    return (each for each in script.commands if each.span.start >= start and not ours.holds(each.span))
