"""The modules of one standard environment, as a table has them and as the cluster answered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from slurmfix import knowledge
from slurmfix.knowledge import Module, StandardEnvironment
from slurmfix.recipe.recipe import Facts, Need


@dataclass(frozen=True, slots=True)
class Shelf:
    """What can be loaded in a standard environment; `tree` is a CPU tree, "" where the job may run on any."""

    environment: StandardEnvironment
    tree: str
    facts: Facts

    def versions(self, module: str) -> tuple[Module, ...]:
        """The versions of a module, oldest first; () where there is none."""
        table = knowledge.modules(self.environment.year, self.tree).get(module, ())
        answer = self.facts.modules.get(module)
        if answer is None:
            return table
        there = {name.partition("/")[2] for name in answer}
        listed = tuple(entry for entry in table if entry.version in there)
        new = sorted(there - _known(module), key=order)
        # `spider` lists all standard environments in one, so what no table knows is taken for the default one's.
        default = self.environment.standing == "default"
        unknown = (Module(module, version, (), (), {}) for version in new if version)
        return (*listed, *unknown) if default else listed

    def candidates(self, need: Need) -> tuple[Module, ...]:
        """The versions that can serve a need: the author's own where the script loads one, else all that will do."""
        table = self.versions(need.module)
        if need.module in self.facts.modules and not need.specifier:
            table = tuple(entry for entry in table if entry.prerequisites) or table
        theirs = tuple(entry for entry in table if need.loaded and entry.version.startswith(need.loaded))
        will_do = tuple(entry for entry in theirs or table if entry.version.startswith(need.part) or theirs)
        return tuple(entry for entry in will_do if not need.bounds or meets(entry.version, need.bounds)) or will_do

    def loads(self, name: str) -> str:
        """The full name of a module that the standard environment itself brings (`gcc/12.3` for `gcc`), else ""."""
        return next((full for full in self.environment.loads if full.partition("/")[0] == name), "")


@cache
def _known(module: str) -> frozenset[str]:
    years = (environment.year for environment in knowledge.standard_environments())
    return frozenset(entry.version for year in years for entry in knowledge.modules(year).get(module, ()))


def fits(entry: Module, python: str, known: tuple[Module, ...]) -> bool:
    """Whether the module's window covers the Python; where no version has a known window, all do."""
    return python in entry.pythons or not any(other.pythons for other in known)


def meets(version: str, specifier: str) -> bool:
    """Whether a module's version is one that a PEP 440 specifier asks for."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion

    exact = re.fullmatch(r"==([\w.]+?)(?:\.\*)?", specifier)
    if exact and (version == exact[1] or version.startswith((f"{exact[1]}.", f"{exact[1]}-"))):
        return True
    try:
        return SpecifierSet(specifier).contains(version.split("-")[0], prereleases=True)
    except InvalidVersion:
        return False


def order(version: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts the versions of a module, which are no PEP 440 ones: 2.7.11b, 4.10.0-2."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|[a-zA-Z]+", version))
