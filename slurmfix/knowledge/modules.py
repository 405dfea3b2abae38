"""The modules of each standard environment, and the standard environments themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from slurmfix.knowledge.tables import kept, pairs, rows


class Module(NamedTuple):
    """One version of a module, with all ways to it that carry the same packages.

    `prerequisites` has one tuple of full names (`gcc/12.3`) for each way: those modules are loaded before it; a way
    may be empty, and a name without a version takes any. `pythons` are the Pythons (`3.11`) that it has a part for,
    () where it has no part in Python. `packages` are the Python packages that it carries: normalised name to version.
    One version may come as several values, where its builds carry different packages.
    """

    name: str
    version: str
    prerequisites: tuple[tuple[str, ...], ...]
    pythons: tuple[str, ...]
    packages: Mapping[str, str]

    @property
    def full_name(self) -> str:
        """As `module load` takes it: `arrow/17.0.0`."""
        return f"{self.name}/{self.version}"


class StandardEnvironment(NamedTuple):
    """A generation of modules, of which one is loaded at a time; `year` names it.

    `standing` is `default`, `deprecated` (for older Pythons), or `on request` (only for those who load it themselves).
    `loads` are the full names of the modules that it loads itself. `pythons` has its Python versions, those to prefer
    first, each with its full version; `python` is the one that a bare `module load python` brings.
    """

    year: str
    standing: str
    loads: tuple[str, ...]
    python: str
    pythons: Mapping[str, str]

    @property
    def full_name(self) -> str:
        """As `module load` takes it."""
        return f"{standard_module()}/{self.year}"


@kept
def standard_module() -> str:
    """The name of the module whose versions are the standard environments."""
    return next((row[0] for row in rows("module_roles") if row[2:] == ("standard environment",)), "")


@kept
def standard_environments() -> tuple[StandardEnvironment, ...]:
    """All standard environments: the default, then the others, the newest first."""
    found = [_standard_environment(*(*row, "", "", "", "")[:5]) for row in rows("standard_environments")]
    newest = sorted(found, key=lambda each: each.year, reverse=True)
    return tuple(sorted(newest, key=lambda each: each.standing != "default"))


def _standard_environment(year: str, standing: str, loads: str, python: str, preferred: str) -> StandardEnvironment:
    full = {row[0].partition("/")[2]: row[1] for row in rows("pythons") if row[0].startswith(f"{year}/")}
    first = preferred.split()
    others = sorted((version for version in full if version not in first), key=_number)
    pythons = {version: full[version] for version in (*first, *others) if version in full}
    return StandardEnvironment(year, standing, tuple(loads.split()), python, pythons)


@kept
def modules(year: str, tree: str = "") -> Mapping[str, tuple[Module, ...]]:
    """The modules of a standard environment by name, the versions of each oldest first.

    `tree` is a CPU tree (`x86-64-v4`); without one, only what every tree has is among them: it loads on any cluster.
    """
    trees = {each for row in rows("module_builds") for each in row[3].split()}
    wanted = {tree} if tree else trees
    found: dict[str, list[Module]] = {}
    for row in rows("module_builds"):
        if row[1] == year and wanted.issubset(row[3].split()):
            found.setdefault(row[0], []).append(_module(*(*row, "", "", "")[:7]))
    return {name: tuple(versions) for name, versions in found.items()}


def _module(name: str, year: str, version: str, trees: str, ways: str, pythons: str, packages: str) -> Module:
    prerequisites = tuple(tuple(way.split()) for way in ways.split("|"))
    carried = dict(package.split("==") for package in packages.split())
    return Module(name, version, prerequisites, tuple(pythons.split()), carried)


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def module_families() -> Mapping[str, str]:
    """The family of each compiler and each MPI: one module of a family can be loaded at a time."""
    return pairs("module_families")
