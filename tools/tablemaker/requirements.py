"""The table of what wheels require of each other: the bounds that some wheel of the wheelhouse does not meet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cache

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from tablemaker.text import age, normalise

Versions = Mapping[str, Mapping[str, tuple[str, ...]]]  # of the wheelhouse: by name, then by Python
_NODE = {
    "os_name": "posix",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "implementation_name": "cpython",
    "extra": "",
}
_PURE = 5  # so many Pythons have only wheels without compiled parts in common


def rows(
    metadata: Iterable[tuple[str, str, Iterable[str]]],
    wheels: Versions,
    extras: Mapping[str, Set[str]],
    carried: Versions,
) -> Iterator[tuple[str, ...]]:
    """One row a name: the name, then a cell `dependency bounds;versions` for each bound, with `;Pythons` where it
    holds for some of them alone. What an extra requires has a row of its own, `dask[complete]`.

    `metadata` has the lines of Requires-Dist of each name and version, `extras` those that matter, by name, `carried`
    what modules have, as `wheels`. A bound that all wheels of a dependency meet says nothing, and is left away; so is
    one that on a Python only a module meets.
    """
    found: dict[str, dict[tuple[str, str, tuple[str, ...]], set[str]]] = defaultdict(lambda: defaultdict(set))
    told = [(name, version, list(map(_parsed, lines))) for name, version, lines in metadata]
    adapted = _adapted(told, wheels)
    for name, version, lines in told:
        pythons = [python for python, versions in wheels.get(name, {}).items() if version in versions]
        for row, extra in ((name, ""), *((f"{name}[{extra}]", extra) for extra in sorted(extras.get(name, ())))):
            bounds: dict[tuple[str, str], list[str]] = defaultdict(list)
            for python in pythons:
                for dependency, bound in _bounds(lines, python, extra).items():
                    there, module = wheels.get(dependency, {}), carried.get(dependency, {}).get(python, ())
                    if _matters(bound, there, module, python, (name, version) in adapted):
                        bounds[dependency, bound].append(python)
            for key, some in bounds.items():
                of_these = () if len(some) == len(pythons) else tuple(some)
                found[row][(*key, of_these)].add(version)
    for name in sorted(found):
        yield name, *(_cell(*key, found[name][key]) for key in sorted(found[name]))


def _adapted(told: Iterable[tuple[str, str, list[Requirement | None]]], wheels: Versions) -> set[tuple[str, str]]:
    """The names and versions whose wheels on the cluster are likely to ask for less than PyPI's.

    Those are the compiled ones, which the cluster builds by itself, and those of a name of which no version could be
    installed otherwise.
    """
    compiled, refused, names = set(), set(), set()
    for name, version, lines in told:
        pythons = [python for python, versions in wheels.get(name, {}).items() if version in versions]
        if len(pythons) < _PURE:
            compiled.add((name, version))
        elif any(_is_met_nowhere(*each, wheels) for python in pythons for each in _bounds(lines, python).items()):
            refused.add((name, version))
        else:
            names.add(name)
    return compiled | {(name, version) for name, version in refused if name not in names}


def _is_met_nowhere(dependency: str, bound: str, wheels: Versions) -> bool:
    there = _anywhere(wheels.get(dependency, {}))
    return bool(there) and not _meeting(bound, there)


def _anywhere(versions: Mapping[str, tuple[str, ...]]) -> set[str]:
    return {version for each in versions.values() for version in each}


def usable(wheels: Versions, requirements: Iterable[tuple[str, ...]], current: Set[str]) -> Versions:
    """The wheels by name and Python without the versions that pip can install on other Pythons alone, because what they
    require has no wheel on this one.

    All versions of a name are left away only where a Python of the default standard environment (`current`) has one
    that is usable: else the cluster's wheel is likely to ask for less than PyPI's.
    """
    lacking = _lacking(wheels, requirements)
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, there in wheels.items():
        good = {python: {v for v in versions if v not in lacking[name, python]} for python, versions in there.items()}
        somewhere = set().union(*good.values())
        now = any(good.get(python) for python in current)
        found[name] = {
            python: tuple(v for v in versions if v in good[python] or v not in somewhere or not (good[python] or now))
            for python, versions in there.items()
        }
    return found


def _lacking(wheels: Versions, requirements: Iterable[tuple[str, ...]]) -> dict[tuple[str, str], set[str]]:
    """By name and Python the versions that require what only wheels of other Pythons are."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, *cells in requirements:
        for dependency, bound, versions, pythons in map(parsed, cells):
            if _is_met_nowhere(dependency, bound, wheels):
                continue  # pip's question, and not one of a Python
            for python in set(pythons) or set(wheels.get(name, {})):
                if not _meeting(bound, wheels.get(dependency, {}).get(python, ())):
                    found[name, python] |= set(versions)
    return found


def parsed(cell: str) -> tuple[str, str, list[str], list[str]]:
    """A cell's package, its bounds, the versions that have them, and the Pythons (empty: all)."""
    wanted, versions, pythons = (*cell.split(";"), "")[:3]
    dependency, _, bound = wanted.partition(" ")
    return dependency, bound, versions.split(), pythons.split()


def _meeting(bound: str, versions: Iterable[str]) -> list[str]:
    return list(_set(bound).filter(versions, prereleases=True)) if bound else list(versions)


@cache
def _set(bound: str) -> SpecifierSet:
    return SpecifierSet(bound)


@cache
def _parsed(line: str) -> Requirement | None:
    """A line of Requires-Dist; None for what pip does not take either."""
    try:
        return Requirement(line)
    except InvalidRequirement:
        return None


def _bounds(lines: Iterable[Requirement | None], python: str, extra: str = "") -> dict[str, str]:
    """What a wheel requires on a Python, by name; of an extra, what it requires beside that."""
    found: dict[str, list[str]] = defaultdict(list)
    for wanted in lines:
        if wanted is not None and wanted.url is None and _holds(wanted, python, extra):
            found[normalise(wanted.name)] += sorted(str(wanted.specifier).split(","))
    return {name: ",".join(dict.fromkeys(filter(None, bounds))) for name, bounds in found.items()}


def _holds(wanted: Requirement, python: str, extra: str) -> bool:
    node = {**_NODE, "python_version": python, "python_full_version": f"{python}.0"}
    plain = wanted.marker is None or wanted.marker.evaluate(node)
    if extra:
        return not plain and wanted.marker is not None and wanted.marker.evaluate({**node, "extra": extra})
    return plain


def _matters(
    bound: str, there: Mapping[str, tuple[str, ...]], module: Iterable[str], python: str, adapted: bool
) -> bool:
    """Whether a bound tells the versions of a dependency apart, or no wheel of this Python meets it."""
    versions = _anywhere(there)
    if not _meeting(bound, there.get(python, ())):
        nowhere = not _meeting(bound, versions)
        return bool(versions) and not _meeting(bound, module) and not (nowhere and adapted)
    return len(_meeting(bound, versions)) < len(versions)


def _cell(dependency: str, bound: str, pythons: tuple[str, ...], versions: set[str]) -> str:
    parts = (f"{dependency} {bound}".strip(), " ".join(sorted(versions, key=age)), " ".join(pythons))
    return ";".join(parts).rstrip(";")
