"""The table of wheels: each name with its versions by Python."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from tablemaker.text import normalise

DUMMY = "9999"  # the version of a wheel that stops pip, so that a module is loaded in its place
_ROW = re.compile(r"^\|\s*(?P<name>[^\s|]+)\s*\|\|\s*(?P<versions>[^|]*?)\s*$", re.MULTILINE)


class Listed(NamedTuple):
    """One line of a list: a name as it is listed, a Python (`3.11`), and versions in any order."""

    name: str
    python: str
    versions: tuple[str, ...]


def listed(rows: Iterable[tuple[str, ...]]) -> Iterator[Listed]:
    """From a list with the columns name, Python, versions (apart by blanks)."""
    for name, python, versions in rows:
        yield Listed(name, python, tuple(versions.split()))


def by_python(rows: Iterable[tuple[str, ...]]) -> dict[str, dict[str, tuple[str, ...]]]:
    """The versions of each name by Python, oldest first, from the table's own rows; without dummies."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, *cells in rows:
        for pythons, _, versions in (cell.partition(":") for cell in cells if cell != "dummy"):
            found.setdefault(name, {}).update(dict.fromkeys(pythons.split(), tuple(versions.split())))
    return found


def held(rows: Iterable[tuple[str, ...]], usable: Mapping[str, Mapping[str, tuple[str, ...]]]) -> list[tuple[str, ...]]:
    """The table's own rows with those versions alone that are usable, by name and Python."""
    return [row if row[1:] == ("dummy",) else (row[0], *_grouped(usable[row[0]])) for row in rows]


def rows(lists: Iterable[Listed], refused: Mapping[str, Mapping[str, str]]) -> list[tuple[str, ...]]:
    """One row a name: the name, then `Pythons:versions` for each set of versions, the newest last.

    `refused` has the Requires-Python of pure wheels, by name and version: such a wheel is listed under each Python. A
    name with a dummy has the one cell `dummy`, for its other versions are dummies, too.
    """
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for line in lists:
        name = normalise(line.name)
        found[name][line.python].update(filter(_is_version, line.versions))
    return [(name, *_cells(found[name], refused.get(name, {}))) for name in sorted(found)]


def _is_version(version: str) -> bool:
    try:
        Version(version)
    except InvalidVersion:
        return False
    return True


def _cells(by_python: Mapping[str, set[str]], refused: Mapping[str, str]) -> list[str]:
    if any(version.partition("+")[0] == DUMMY for versions in by_python.values() for version in versions):
        return ["dummy"]
    taken = {
        python: tuple(sorted((v for v in versions if _allowed(python, refused.get(v, ""))), key=Version))
        for python, versions in by_python.items()
    }
    return _grouped(taken)


def _grouped(by_python: Mapping[str, tuple[str, ...]]) -> list[str]:
    """A cell for each set of versions, with the Pythons that have it."""
    same: dict[tuple[str, ...], list[str]] = {}
    for python in sorted(by_python, key=Version):
        if by_python[python]:
            same.setdefault(by_python[python], []).append(python)
    return [f"{' '.join(pythons)}:{' '.join(versions)}" for versions, pythons in same.items()]


def _allowed(python: str, requires: str) -> bool:
    """Whether some release of a Python meets a Requires-Python."""
    if not requires:
        return True
    wanted = SpecifierSet(requires)
    return any(wanted.contains(f"{python}.{patch}") for patch in range(30))
