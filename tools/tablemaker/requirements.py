"""The table of what wheels require of each other: the bounds that some wheel of the wheelhouse does not meet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set

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


def rows(metadata: Iterable[tuple[str, str, Iterable[str]]], wheels: Versions) -> Iterator[tuple[str, ...]]:
    """One row a name: the name, then a cell `dependency bounds;versions` for each bound, with `;Pythons` where it
    holds for some of them alone.

    `metadata` has the lines of Requires-Dist of each name and version. A bound that all wheels of a dependency meet
    says nothing, and is left away; so is one that none meets, for the cluster's own wheel cannot have it.
    """
    found: dict[str, dict[tuple[str, str, tuple[str, ...]], set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, version, lines in metadata:
        pythons = tuple(python for python, versions in wheels.get(name, {}).items() if version in versions)
        bounds: dict[tuple[str, str], list[str]] = defaultdict(list)
        for python in pythons:
            for dependency, bound in _bounds(lines, python).items():
                bounds[dependency, bound].append(python)
        for (dependency, bound), some in bounds.items():
            if _matters(bound, {version for there in wheels.get(dependency, {}).values() for version in there}):
                found[name][dependency, bound, () if len(some) == len(pythons) else tuple(some)].add(version)
    for name in sorted(found):
        yield name, *(_cell(*key, found[name][key]) for key in sorted(found[name]))


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
    """By name and Python the versions that require what no wheel of this Python is."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, *cells in requirements:
        for dependency, bound, versions, pythons in map(parsed, cells):
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
    return list(SpecifierSet(bound).filter(versions, prereleases=True))


def _bounds(lines: Iterable[str], python: str) -> dict[str, str]:
    """What a wheel requires on a Python, by name."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        try:
            wanted = Requirement(line)
        except InvalidRequirement:
            continue
        node = {**_NODE, "python_version": python, "python_full_version": f"{python}.0"}
        if wanted.url is None and (wanted.marker is None or wanted.marker.evaluate(node)):
            found[normalise(wanted.name)] += sorted(str(wanted.specifier).split(","))
    return {name: ",".join(dict.fromkeys(filter(None, bounds))) for name, bounds in found.items()}


def _matters(bound: str, versions: set[str]) -> bool:
    """Whether a bound tells the versions of a dependency apart."""
    return bool(bound) and 0 < len(_meeting(bound, versions)) < len(versions)


def _cell(dependency: str, bound: str, pythons: tuple[str, ...], versions: set[str]) -> str:
    parts = (f"{dependency} {bound}", " ".join(sorted(versions, key=age)), " ".join(pythons))
    return ";".join(parts).rstrip(";")
