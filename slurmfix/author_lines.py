"""The lines on which the author loads modules and installs packages of which something is said."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from slurmfix.job import loaded_modules, modules_loaded_later, pip_requirements
from slurmfix.plan import Served, Site
from slurmfix.recipe import lacking_in
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
    SEVERAL_LACKING,
)
from slurmfix.recipe.python_messages import LOADS_ANOTHER_PYTHON, PYTHON_TOO_OLD
from slurmfix.remarks import Phrase, Remark, joined, phrase
from slurmfix.rules import Finding
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
_NAMES = re.compile(r"\{(\w+)\}")
# What to do with a module, where several of one line are lacking.
_WAYS = {
    MODULES_LACKING: "{short}",
    OTHER_VERSIONS: "instead of {theirs} write one of {versions}",
    MODULE_OF_THE_NODE: "delete {theirs}, since `{program}` works without a module",
    MODULE_IS_A_WHEEL: "delete {theirs}, since pip installs {wheel}",
    MODULE_REPLACED: "delete {theirs}, since the job loads {instead}",
    PYTHON_TOO_OLD: "delete {theirs}, since the job loads python/{taken}",
}


def with_their_lines(script: Script, served: Served) -> Served:
    """The answer, with each remark on a module at the line that loads it; one remark a line."""
    said = served.recipe.doubts
    if not any(isinstance(doubt, Remark) and _module_of(doubt) for doubt in said):
        return served
    return replace(served, recipe=replace(served.recipe, doubts=_at_their_lines(script, said)))


def said_without_environment(script: Script, findings: tuple[Finding, ...], site: Site) -> tuple[str, ...]:
    """What is said of the author's modules where no environment is made, at the lines that load them."""
    if not site.stdenv or site.modules_of:  # who asks for the module lines is told of them as lines
        return ()
    theirs = (*loaded_modules(script, findings), *modules_loaded_later(script, findings))
    return _at_their_lines(script, lacking_in(tuple(dict.fromkeys(theirs)), site.stdenv, site.tree))


def _at_their_lines(script: Script, said: Iterable[str]) -> tuple[str, ...]:
    return tuple(_merged(_placed(script, said)))


def _module_of(remark: Remark) -> str:
    """The module of the author's that a remark is about, as the script names it; "" for another remark."""
    found = _NAMED.get(remark.message)
    return "" if found is None else f"{found.before}{remark.values[found.value]}"


def _placed(script: Script, said: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Each remark at its line, and where on it the module or package stands."""
    lines = Lines(script.text)
    words = dict(_words(script))
    for doubt in said:
        module = _module_of(doubt) if isinstance(doubt, Remark) else ""
        near = (word for name, word in words.items() if module and name.startswith((f"{module}.", f"{module}/")))
        found = words.get(module, next(near, None))
        if isinstance(doubt, Remark) and found is not None:
            start, at = found
            ends = "fail" in doubt.values and _ends_at_a_failure(script, start)
            values = {**doubt.values, "fail": phrase("end the job (`set -e`)")} if ends else doubt.values
            yield at, Remark(doubt.message, *lines.position(start), doubt.environment, values)
        else:
            yield 0, doubt


def _words(script: Script) -> Iterator[tuple[str, tuple[int, int]]]:
    """The modules that a script loads and what it installs with pip, the last first: where the command starts, and
    where the name stands.
    """
    for command in reversed([*script.holding("pip")]):
        for requirement in pip_requirements(command):
            yield f"{_PIP}{_PACKAGE.split(requirement)[0]}", (command.span.start, command.span.start)
    for command in reversed([*script.holding("module", "ml")]):
        for word in reversed(command.words):
            for name in value_of(script, word, command).text.split():
                yield name, (command.span.start, word.span.start)


def _ends_at_a_failure(script: Script, at: int) -> bool:
    """Whether `set -e`, or a shebang that says so, is in force where a command starts."""
    asked = [_ERREXIT.search(c.source) for c in script.commands if c.name == "set" and c.span.start < at]
    found = [match[0].strip() for match in asked if match is not None]
    return not found[-1].startswith("+") if found else _ERREXIT.search(script.shebang) is not None


def _merged(placed: Iterable[tuple[int, str]]) -> Iterator[str]:
    """The remarks; those on several modules of one line that are lacking as one, in the order of the line."""
    placed = list(placed)
    of_a_line: dict[tuple[int, str], list[tuple[int, Remark]]] = defaultdict(list)
    for at, said in placed:
        if isinstance(said, Remark) and said.line and said.message in _WAYS:
            of_a_line[said.line, said.environment].append((at, said))
    for _, said in placed:
        together = of_a_line.get((said.line, said.environment), ()) if isinstance(said, Remark) else ()
        if len(together) < 2 or not isinstance(said, Remark) or said.message not in _WAYS:
            yield said
        elif said is together[0][1]:
            yield _as_one([each for _, each in sorted(together, key=lambda pair: pair[0])])


def _as_one(lacking: list[Remark]) -> Remark:
    first = lacking[0]
    ways = [_way(each) for each in lacking]
    modules = " ".join(map(_module_of, lacking))
    values = {
        "standard": first.values["standard"],
        "fail": first.values["fail"],
        "modules": modules,
        "ways": joined(ways),
    }
    return Remark(SEVERAL_LACKING, first.line, first.column, first.environment, values)


def _way(remark: Remark) -> Phrase:
    values, words = {**remark.values, "theirs": _module_of(remark)}, _WAYS[remark.message]
    if remark.message is OTHER_VERSIONS and ", " not in values["versions"]:
        words = "instead of {theirs} write {versions}"
    return Phrase(words, {name: values[name] for name in _NAMES.findall(words)})
