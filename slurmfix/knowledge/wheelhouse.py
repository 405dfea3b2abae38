"""The wheelhouse as its public list had it: which versions of a package have a wheel, by Python."""

from __future__ import annotations

import re

from slurmfix.knowledge.tables import entries, kept, pairs

_SEPARATORS = re.compile(r"[-_.]+")
_DUMMY = "dummy"
_PURE = 5  # so many Pythons no compiled wheel serves in one version


def normalise(name: str) -> str:
    """The one spelling of a PyPI name (PEP 503); conda names are looked up in it, too."""
    return _SEPARATORS.sub("-", name).lower()


@kept
def wheel_versions(name: str, python: str) -> tuple[str, ...]:
    """The versions (PEP 440, the newest last) that have a wheel for a Python (`3.11`); () where there is none.

    Versions whose Requires-Python refuses that Python are not among them, where that is known; nor are dummies. The
    list speaks of all standard environments together, on the day that the table's head says.
    """
    return next((versions for pythons, versions in _sets(name) if python in pythons), ())


def wheel_pythons(name: str) -> tuple[str, ...]:
    """The Pythons (oldest first) for which some version has a wheel; () where there is none, or only dummies."""
    found = {python for pythons, _ in _sets(name) for python in pythons}
    return tuple(sorted(found, key=lambda python: tuple(map(int, python.split(".")))))


def is_pure(name: str, version: str) -> bool:
    """Whether a version of a wheel serves so many Pythons that it has no compiled part."""
    return sum(len(pythons) for pythons, versions in _sets(name) if version in versions) >= _PURE


@kept
def listed_pythons() -> frozenset[str]:
    """The Pythons that the list of wheels speaks of: of an older one it says nothing."""
    cells = (cell for row in entries("wheel_versions").values() if row != _DUMMY for cell in row.split("\t"))
    return frozenset(python for cell in cells for python in cell.partition(":")[0].split())


def is_dummy(name: str) -> bool:
    """Whether the wheels of a name only stop pip, so that a module is loaded that carries the package."""
    return entries("wheel_versions").get(normalise(name)) == _DUMMY


@kept
def wheel_requirements(
    name: str, version: str, python: str, extras: tuple[str, ...] = ()
) -> tuple[tuple[str, str], ...]:
    """What a wheel requires of other packages, each with its bounds (PEP 440): `(("numpy", "<2,>=1.22"), …)`.

    Without bounds that each wheel meets, and () where nothing is known.
    """
    plain = normalise(name)
    return tuple(
        (dependency, bounds)
        for row in (plain, *(f"{plain}[{extra}]" for extra in extras))
        for dependency, bounds, versions, pythons in _requirements(row)
        if version in versions and (not pythons or python in pythons)
    )


@kept
def _requirements(name: str) -> list[tuple[str, str, frozenset[str], frozenset[str]]]:
    """From the cells of an entry: `numpy <2,>=1.22;1.0 1.1;3.10 3.11`."""
    found = []
    for cell in filter(None, entries("wheel_requirements").get(name, "").split("\t")):
        wanted, versions, pythons = (*cell.split(";"), "")[:3]
        dependency, _, bounds = wanted.partition(" ")
        found.append((dependency, bounds, frozenset(versions.split()), frozenset(pythons.split())))
    return found


def versions_of_conda(name: str) -> str:
    """The versions of a package, as PEP 440, that conda has and PyPI does not; "" where nothing is known of such."""
    return pairs("conda_alone").get(normalise(name), "")


def is_built_for(name: str, what: str) -> bool:
    """Whether the wheel of a name is a build for `cuda`, or with `mpi`."""
    return what in pairs("wheel_builds").get(normalise(name), "").split()


def _sets(name: str) -> list[tuple[list[str], tuple[str, ...]]]:
    """From the cells of an entry: `3.10 3.11:1.0 1.1`."""
    entry = entries("wheel_versions").get(normalise(name), _DUMMY)
    if entry == _DUMMY:
        return []
    cells = (cell.partition(":") for cell in entry.split("\t"))
    return [(pythons.split(), tuple(versions.split())) for pythons, _, versions in cells]
