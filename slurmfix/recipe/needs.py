"""What packages and programs need besides their wheels: modules, and packages that go with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from slurmfix import knowledge
from slurmfix.recipe.classes import Entry
from slurmfix.recipe.lines import Line, line_of
from slurmfix.recipe.nearest import is_met, meeting
from slurmfix.recipe.recipe import Facts, Need, Wishes
from slurmfix.recipe.shelf import Shelf, fits, meets
from slurmfix.remarks import phrase

_WANTED = re.compile(r"([A-Za-z0-9._+-]+)(?:\[([^\]]*)\])?(.*)")
_MOST_BROUGHT = 200


def asked_modules(entries: tuple[Entry, ...], wishes: Wishes, guess: bool, shelf: Shelf) -> tuple[Need, ...]:
    """The modules that a person asked for, or whose programs the job calls, one need each."""
    asked = [
        Need(entry.target, entry.name, entry.specifier, entry.part, entry.package)
        for entry in entries
        if entry.kind == "module"
    ]
    asked.sort(key=lambda need: (not need.specifier, not need.package))
    own = {name.partition("/")[0].lower() for name in wishes.loaded}  # `R` to one site, `r` to another
    called = [
        Need(module, program)
        for program in wishes.programs
        if (guess or program not in wishes.elsewhere)
        and (module := knowledge.program_module(program))
        and not shelf.loads(module)
        and module.lower() not in own
    ]
    return _first_of([*asked, *called], wishes)


def all_modules(asked: tuple[Need, ...], brought: Iterable[Need], wishes: Wishes) -> tuple[Need, ...]:
    """One need a module: what a person asked for wins over what a wheel brings in, and keeps its bounds."""
    found = {need.module: need for need in asked}
    for need in _first_of(list(brought), wishes):
        if need.module in found:
            need = replace(found[need.module], bounds=need.bounds)
        found[need.module] = need
    return tuple(_as_loaded(found[module]) for module in sorted(found))


def _as_loaded(need: Need) -> Need:
    """The author's own version of a module serves a need only where it is one that will do."""
    wrong = need.loaded and need.bounds and need.loaded[0].isdigit() and not meets(need.loaded, need.bounds)
    return replace(need, loaded="") if wrong else need


def _first_of(needs: list[Need], wishes: Wishes) -> tuple[Need, ...]:
    theirs = dict(name.split("/", 1) for name in wishes.loaded if "/" in name)
    found: dict[str, Need] = {}
    for need in needs:
        there = found.setdefault(need.module, replace(need, loaded=theirs.get(need.module, "")))
        bounds = ",".join(dict.fromkeys(filter(None, (*there.bounds.split(","), *need.bounds.split(",")))))
        found[need.module] = replace(there, bounds=bounds)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class WheelNeeds:
    """What the wheels of one Python need; `asked` are the modules that a person asked for, by name, and `carried` the
    packages of the modules that are loaded, where others are held to their versions.
    """

    shelf: Shelf
    python: str
    pins: str
    facts: Facts
    asked: Mapping[str, Need]
    carried: tuple[Line, ...] = ()

    def needed(self, lines: tuple[Line, ...]) -> tuple[tuple[Line, ...], tuple[Need, ...]]:
        """The lines, held to versions whose modules are there, with those of packages that must come along; and the
        modules that they need.
        """
        found: dict[str, tuple[Line, bool]] = {}
        needs: list[Need] = []
        waiting = [(line, True) for line in lines]
        while waiting and len(found) < len(lines) + _MOST_BROUGHT:
            line, stays = waiting.pop(0)
            if line.name in found:
                continue
            held, modules = self._served(line)
            needs += modules
            found[line.name] = held, stays
            waiting += [(self._line(text), beside) for text, beside in self._along(held)]
        return tuple(line for line, stays in found.values() if stays or line.changed), tuple(needs)

    def beside_modules(self, lines: tuple[Line, ...]) -> tuple[Line, ...]:
        """The packages that are held to what modules carry and that no line names: pip brings them along."""
        there = {line.name for line in lines}
        found: dict[str, Line] = {}
        for leader in self.carried:
            for each in knowledge.companions(leader.name):
                if each.name not in there and is_met(each.versions, (leader.newest,)):
                    line = self._line(each.name)
                    found |= {} if is_met(each.wanted, (line.newest,)) else {line.name: line}
        return tuple(found.values())

    def _served(self, line: Line) -> tuple[Line, tuple[Need, ...]]:
        """A line in the newest version whose modules are there, and these modules."""
        rows = knowledge.runtime_needs(line.name, line.entry.extras)
        versions = meeting(line.entry.line, line.versions) if rows else ()
        if not versions:
            return line, self._modules(line, line.newest) if rows else ()
        for version in reversed(versions):
            needs = self._modules(line, version)
            if all(map(self._is_there, needs)):
                return (line if version == versions[-1] or self.pins == "exact" else self._bound(line, version)), needs
        return line, self._modules(line, versions[-1])

    def _bound(self, line: Line, version: str) -> Line:
        above = line.versions[line.versions.index(version) + 1]
        lacking = [need for need in self._modules(line, line.newest) if not self._is_there(need)]
        asked = any(need.module in self.asked and self.asked[need.module].specifier for need in lacking)
        newest = ", ".join(f"{need.module}{need.bounds}" for need in lacking)
        words = _NEWER_ASKED if asked else _NEWER_LACKING
        said = phrase(words, modules=newest, python=self.python)
        return line.held(",".join(filter(None, (line.entry.line, f"<{above}"))), said)

    def _modules(self, line: Line, version: str) -> tuple[Need, ...]:
        found = []
        for row in knowledge.runtime_needs(line.name, line.entry.extras):
            if version and row.versions and not is_met(row.versions, (version,)):
                continue
            for text in row.modules:
                module, _, bounds = _parsed(text)
                carries = knowledge.carries_python(module)
                found.append(Need(module, line.entry.target, package=carries, maybe=True, bounds=bounds))
        return tuple(found)

    def _is_there(self, need: Need) -> bool:
        """Whether some version of a module will do, beside what a person asked of it."""
        known = self.shelf.candidates(need)
        asked = self.asked.get(need.module)
        return not need.bounds or not known or any(
            (not need.package or fits(entry, self.python, known))
            and meets(entry.version, need.bounds)
            and (asked is None or not asked.specifier or meets(entry.version, asked.specifier))
            for entry in known
        )  # fmt: skip

    def _along(self, line: Line) -> Iterable[tuple[str, bool]]:
        """The requirements that come along, and whether they must stand in the file: pip brings the others itself."""
        for row in knowledge.runtime_needs(line.name, line.entry.extras):
            if row.versions and line.newest and not is_met(row.versions, (line.newest,)):
                continue
            yield from ((text, False) for text in row.brings)
            yield from ((text, True) for text in row.packages)

    def _line(self, text: str) -> Line:
        name, extras, line = _parsed(text)
        entry = Entry("", "python", target=name, line=line, specifier=line, extras=extras)
        return line_of(entry, self.python, self.pins, self.facts)


def _parsed(text: str) -> tuple[str, tuple[str, ...], str]:
    """The name, the extras and the specifier of a requirement; a name alone for what is none."""
    match = _WANTED.fullmatch(text)
    if match is None:
        return text, (), ""
    extras = tuple(part.strip() for part in (match[2] or "").split(",") if part.strip())
    return match[1], extras, match[3].strip()


_NEWER_ASKED = "newer versions need the module {modules}, and the environment asks for another version of the module"
_NEWER_LACKING = "newer versions need the module {modules}, which the cluster does not have for Python {python}"
