"""Holds an environment against what its job imports and calls: what is covered, and what is not."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from slurmfix import knowledge
from slurmfix.environment import Environment, Package

_WHOLE = frozenset({"anaconda", "conda"})  # what conda's large package holds, no table says
_WITH_PYTHON = frozenset({"setuptools", "pip", "wheel"})


def pypi_name_of(package: Package) -> str:
    """The normalised PyPI name of what a package is; "" for an import that nothing is known of."""
    if package.manager == "import":
        found = knowledge.pypi_name_of_import(package.name)
        return knowledge.family(found) if found else ""
    told = package.pypi or (package.name if package.manager == "pip" else knowledge.pypi_name(package.name))
    return knowledge.family(told or package.name)


def _names(environment: Environment) -> set[str]:
    return {pypi_name_of(package) for package in environment.packages} | set(environment.holds)


def lacking(environment: Environment, needed: Iterable[Package], loaded: tuple[str, ...] = ()) -> tuple[Package, ...]:
    """What of `needed` an environment does not hold, nor brings along, nor any of the modules that are loaded."""
    names = _names(environment)
    there = knowledge.with_requirements(frozenset(names)) | _WITH_PYTHON | _carried(loaded)
    own = {package.name.lower() for package in environment.packages}
    return tuple(
        package for package in needed if pypi_name_of(package) not in there and package.name.lower() not in own
    )


def covered_share(environment: Environment, needed: Environment) -> float:
    """How much of what a job imports an environment holds, from 0 to 1; 1 where the job imports nothing."""
    if not needed.packages or _names(environment) & _WHOLE:
        return 1.0
    return 1 - len(lacking(environment, needed.packages)) / len(needed.packages)


@cache
def _carried(loaded: tuple[str, ...]) -> frozenset[str]:
    """The Python packages that loaded modules carry, in whichever version."""
    names = {knowledge.plain_name(name).lower() for name in loaded}
    if not names:
        return frozenset()
    return frozenset(
        knowledge.family(package)
        for each in knowledge.standard_environments()
        for name, versions in knowledge.modules(each.year).items()
        if name.lower() in names
        for version in versions
        for package in version.packages
    )
