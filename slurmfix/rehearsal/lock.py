"""Writes the list that a rehearsal froze as the requirements file of its environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from slurmfix import files
from slurmfix.rehearsal import sentences
from slurmfix.rehearsal.own_code import is_left_out
from slurmfix.rehearsal.run import Result
from slurmfix.rehearsal.sentences import Said

_OURS = "(written by slurmfix)"
_PINNED = re.compile(r"[\w.-]+(?:==| @ (?!file:))")
_LOST = re.compile(r"[\w.-]+ @ file:")


def lock(result: Result) -> tuple[bool, list[Said]]:
    """Write the frozen list, unless somebody else wrote that file; whether it was done, and what is to be said.

    Options, and lines that a rehearsal does not install, stay as they were.
    """
    rehearsal = result.rehearsal
    if len(rehearsal.listings) != 1:
        return False, [Said(sentences.SEVERAL_LISTS, count=len(rehearsal.listings))]
    listing = rehearsal.listings[0]
    path = os.path.join(rehearsal.submit, listing.name)
    shown = files.shown(path)
    there = files.read(path) if os.path.isfile(path) else None
    if there is not None and _OURS.encode() not in there:
        return False, [Said(sentences.NOT_OURS, path=shown)]
    lines = listing.text.splitlines()
    head = [line for line in lines if line.startswith("#")]
    kept = list(_kept(lines))
    frozen = [line for line in result.frozen.splitlines() if _PINNED.match(line)]
    lost = [line for line in result.frozen.splitlines() if _LOST.match(line)]
    text = "".join(f"{line}\n" for line in (*head, "# Frozen by a rehearsal.", *kept, *frozen))
    try:
        files.write_all([files.Change(path, there, files.encode(text))])
    except files.Unreadable as error:
        return False, [Said(sentences.NOT_WRITTEN, path=shown, reason=error.reason)]
    said = [Said(sentences.LOCKED, path=shown, count=len(frozen))]
    if not_installed := [line for line in kept if is_left_out(line)]:
        said.append(Said(sentences.KEPT_LINES, path=shown, lines=", ".join(not_installed)))
    if lost:
        said.append(Said(sentences.LEFT_LINES, path=shown, lines=", ".join(lost)))
    return True, said


def _kept(lines: list[str]) -> Iterator[str]:
    """The lines that name no version: options, and the author's own code."""
    for line in map(str.strip, lines):
        if line and not line.startswith("#") and (line.startswith("-") or is_left_out(line)):
            yield line
