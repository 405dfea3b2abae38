"""Whether a script is a template that Python's str.format fills in: a new brace would be a field without a value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from slurmfix.shell import Kind, Region, Spread, programs_of

if TYPE_CHECKING:
    from slurmfix.shell import Script
    from slurmfix.text import Edit

_FIELD = re.compile(r"(?<![${\\])\{[A-Za-z_]\w*(?:\.\w+|\[\w+\])*(?:![rsa])?(?::[^{}\s]*)?\}(?![}<>])")
_OWN_FIELDS = programs_of(Spread.ITEMS, Kind.SEARCH)  # fields of these programs look alike


def is_filled_in(script: Script) -> bool:
    """Whether a `#SBATCH` line, an unquoted word of a command or a line of its own holds a field, such as `{hours}`."""
    if not _FIELD.search(script.text):
        return False
    if any(_FIELD.search(directive.line) for directive in script.directives):
        return True
    alone = {field.start() + 1 for field in _FIELD.finditer(script.text)}
    if any(command.span.start in alone and not command.layers for command in script.commands):
        return True  # the grammar takes the brace of a field that stands alone for the opening one of a group
    return any(
        script.region(command.span.start + match.start()) is Region.CODE
        and '"' not in command.source[: match.start()].rpartition(" ")[2]
        for command in script.commands
        if "{" in command.source and not command.layers and command.name not in _OWN_FIELDS
        for match in _FIELD.finditer(command.source)
    )


def puts_in_braces(script: Script, edits: Iterable[Edit]) -> bool:
    """Whether one of the edits brings a brace that does not stand there already."""
    return any(
        edit.new.count(brace) > script.text.count(brace, edit.span.start, edit.span.end)
        for edit in edits
        for brace in "{}"
    )
