"""At which lines of a script the modules are loaded, and the packages installed, of which a recipe says something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from slurmfix.job import pip_requirements
from slurmfix.plan import Served
from slurmfix.recipe.generation_messages import OTHER_GENERATION, OTHER_START
from slurmfix.recipe.messages import (
    MODULE_IS_A_WHEEL,
    MODULE_OF_THE_NODE,
    MODULE_REPLACED,
    MODULES_LACKING,
    OTHER_MODULE,
    OTHER_VERSIONS,
    PIP_NOT_SERVED,
    PIP_OTHER_NAME,
    PIP_OTHER_VERSION,
    PIP_WITHOUT_MODULE,
    PIP_WITHOUT_WHEEL,
)
from slurmfix.recipe.python_messages import LOADS_ANOTHER_PYTHON, PYTHON_TOO_OLD
from slurmfix.remarks import Message, Remark, joined, phrase
from slurmfix.shell import Script, value_of
from slurmfix.text import Lines

_PIP = "pip install "
_PACKAGE = re.compile(r"[\[<>=!~;@ ]")

_ERREXIT = re.compile(r"\s(?:-\w*e\w*(?=\s|\Z)|\+\w*e\w*(?=\s|\Z)|[-+]\w*o\s+errexit\b)")


class _Name(NamedTuple):
    """Where a remark names the module: the value, and what stands before it in the module's name."""

    value: str
    before: str = ""


_NAMED = {
    **dict.fromkeys((OTHER_MODULE, OTHER_GENERATION, OTHER_START), _Name("theirs")), MODULES_LACKING: _Name("modules"),
    MODULE_IS_A_WHEEL: _Name("modules"), MODULE_OF_THE_NODE: _Name("modules"), MODULE_REPLACED: _Name("modules"),
    OTHER_VERSIONS: _Name("modules"), PYTHON_TOO_OLD: _Name("version", "python/"),
    LOADS_ANOTHER_PYTHON: _Name("loaded", "python/"),
    **dict.fromkeys(
        (PIP_NOT_SERVED, PIP_OTHER_NAME, PIP_OTHER_VERSION, PIP_WITHOUT_MODULE, PIP_WITHOUT_WHEEL),
        _Name("package", _PIP),
    ),
}  # fmt: skip
_OF_ONE_LINE = {MODULES_LACKING: "way", OTHER_VERSIONS: "versions"}  # with what is joined besides the modules


def with_their_lines(script: Script, served: Served) -> Served:
    """The answer, with each remark on a module at the line that loads it; one remark a line."""
    said = served.recipe.doubts
    if not any(isinstance(doubt, Remark) and _module_of(doubt) for doubt in said):
        return served
    placed = tuple(_merged(_placed(script, said)))
    return replace(served, recipe=replace(served.recipe, doubts=placed))


def _module_of(remark: Remark) -> str:
    """The module of the author's that a remark is about, as the script names it; "" for another remark."""
    found = _NAMED.get(remark.message)
    return "" if found is None else f"{found.before}{remark.values[found.value]}"


def _placed(script: Script, doubts: tuple[str, ...]) -> Iterator[str]:
    lines = Lines(script.text)
    starts: dict[str, int] = {}
    for command in script.holding("module", "ml"):
        for word in command.words:
            for name in value_of(script, word, command).text.split():
                starts.setdefault(name, command.span.start)
    for command in script.holding("pip"):
        for requirement in pip_requirements(command):
            starts.setdefault(f"{_PIP}{_PACKAGE.split(requirement)[0]}", command.span.start)
    for doubt in doubts:
        module = _module_of(doubt) if isinstance(doubt, Remark) else ""
        near = (start for name, start in starts.items() if module and name.startswith((f"{module}.", f"{module}/")))
        start = starts.get(module, next(near, None))
        if isinstance(doubt, Remark) and start is not None:
            ends = "fail" in doubt.values and _ends_at_a_failure(script, start)
            values = {**doubt.values, "fail": phrase("end the job (`set -e`)")} if ends else doubt.values
            yield Remark(doubt.message, *lines.position(start), doubt.environment, values)
        else:
            yield doubt


def _ends_at_a_failure(script: Script, at: int) -> bool:
    """Whether `set -e`, or a shebang that says so, is in force where a command starts."""
    asked = [_ERREXIT.search(c.source) for c in script.commands if c.name == "set" and c.span.start < at]
    found = [match[0].strip() for match in asked if match is not None]
    return not found[-1].startswith("+") if found else _ERREXIT.search(script.shebang) is not None


def _merged(doubts: Iterator[str]) -> Iterator[str]:
    for (message, line, _), same in groupby(doubts, _key):
        several = list(same)
        first = several[0]
        if isinstance(message, Message) and message in _OF_ONE_LINE and isinstance(first, Remark):
            remarks = [each for each in several if isinstance(each, Remark)]
            beside = [*dict.fromkeys(each.values[_OF_ONE_LINE[message]] for each in remarks)]
            modules = " ".join(each.values["modules"] for each in remarks)
            values = {**first.values, "modules": modules, _OF_ONE_LINE[message]: joined(beside, ", ")}
            yield Remark(first.message, line, first.column, first.environment, values)
        else:
            yield from several


def _key(doubt: str) -> tuple[object, int, str]:
    """What remarks share that become one; a sentence that is no remark stays alone."""
    if isinstance(doubt, Remark):
        return doubt.message, doubt.line, doubt.environment
    return None, 0, doubt
