"""At which lines of a script the modules are loaded of which a recipe has something to say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from slurmfix.plan import Served
from slurmfix.recipe.messages import MODULES_LACKING, OTHER_MODULE, OTHER_VERSIONS, PYTHON_TOO_OLD
from slurmfix.remarks import Remark
from slurmfix.shell import Script
from slurmfix.text import Lines

_OF_ONE_LINE = (MODULES_LACKING, OTHER_VERSIONS)


def with_their_lines(script: Script, served: Served) -> Served:
    """The answer, with each remark on a module at the line that loads it; one remark a line."""
    said = served.recipe.doubts
    if not any(isinstance(doubt, Remark) and _module_of(doubt) for doubt in said):
        return served
    placed = tuple(_merged(_placed(script, said)))
    return replace(served, recipe=replace(served.recipe, doubts=placed))


def _module_of(remark: Remark) -> str:
    """The module of the author's that a remark is about, as the script names it; "" for another remark."""
    if remark.message is OTHER_MODULE:
        return remark.values["theirs"]
    if remark.message is PYTHON_TOO_OLD:
        return f"python/{remark.values['version']}"
    return remark.values["modules"].split()[0] if remark.message in _OF_ONE_LINE else ""


def _placed(script: Script, doubts: tuple[str, ...]) -> Iterator[str]:
    lines = Lines(script.text)
    starts: dict[str, int] = {}
    for command in script.holding("module", "ml"):
        for word in command.words:
            starts.setdefault(word.literal, command.span.start)
    for doubt in doubts:
        start = starts.get(_module_of(doubt)) if isinstance(doubt, Remark) else None
        if isinstance(doubt, Remark) and start is not None:
            yield Remark(doubt.message, *lines.position(start), doubt.environment, doubt.values)
        else:
            yield doubt


def _merged(doubts: Iterator[str]) -> Iterator[str]:
    for (message, line, _), same in groupby(doubts, _key):
        several = list(same)
        first = several[0]
        if message in _OF_ONE_LINE and isinstance(first, Remark):
            modules = ", ".join(each.values["modules"] for each in several if isinstance(each, Remark))
            values = {**first.values, "modules": modules}
            yield Remark(first.message, line, first.column, first.environment, values)
        else:
            yield from several


def _key(doubt: str) -> tuple[object, int, str]:
    """What remarks share that become one; a sentence that is no remark stays alone."""
    if isinstance(doubt, Remark):
        return doubt.message, doubt.line, doubt.environment
    return None, 0, doubt
