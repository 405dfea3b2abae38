"""The version nearest to what was asked for, among those that have a wheel."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:  # read when it is needed: start-up time
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

T = TypeVar("T")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_EXACT = re.compile(r"==\s*(\d[\w.]*)")


@lru_cache(maxsize=50_000)
def is_met(specifier: str, versions: tuple[str, ...]) -> bool:
    """Whether one of the versions meets a PEP 440 specifier; without a specifier, any does."""
    if not specifier:
        return bool(versions)
    if (exact := _EXACT.fullmatch(specifier)) and exact[1] in versions:
        return True
    wanted = _set(specifier)
    return any(wanted.contains(_version(version), prereleases=True) for version in reversed(versions))


@lru_cache(maxsize=4_000)
def meeting(specifier: str, versions: tuple[str, ...]) -> tuple[str, ...]:
    """The versions that meet a specifier, in their order; pre-releases where nothing else does, as pip has it."""
    if not specifier:
        plain = tuple(version for version in versions if not _version(version).is_prerelease)
        return plain or versions
    return tuple(_set(specifier).filter(versions))


def nearest(specifier: str, versions: tuple[str, ...]) -> str:
    """The version (of at least one) nearest to the number that a specifier names.

    The same minor release, else the same major one at or above, else the same major one, else the next above, else the
    newest. Of several the first at or above the number, else the last below it.
    """
    number = _named(specifier)
    known = sorted(map(_version, versions))
    ordered = [version for version in known if not version.is_prerelease] or known  # as pip takes them
    if number is None:
        return str(ordered[-1])
    above = [version for version in ordered if version >= number]
    return str(nearest_of(ordered, above, (*number.release, 0), lambda version: version.release))


def nearest_of(
    ordered: list[T], above: list[T], wanted: tuple[object, ...], release: Callable[[T], tuple[object, ...]]
) -> T:
    """The version nearest to the release `wanted`, of those in `ordered`; `above` are the ones at or above it."""
    minor = [version for version in ordered if release(version)[:2] == wanted[:2]]
    major = [version for version in ordered if release(version)[:1] == wanted[:1]]
    for pool in (minor, [version for version in above if version in major], major, above):
        if pool:
            return next((version for version in pool if version in above), pool[-1])
    return ordered[-1]


def named_in(specifier: str, versions: str) -> bool:
    """Whether the number that a specifier names is among the versions, as another specifier; "" has none."""
    number = _named(specifier)
    return bool(versions) and number is not None and is_met(versions, (str(number),))


def step(specifier: str, version: str) -> int:
    """How far a version is from what was asked for: 0 of its minor release, 1 of its major one, 2 of another, 3 where
    the major release is an older one.
    """
    number = _named(specifier)
    if number is None:
        return 0
    taken, asked = _version(version).release, (*number.release, 0)
    if taken[:1] != asked[:1]:
        return 2 if taken > asked else 3
    return int(taken[:2] != asked[:2])


def is_another_major(specifier: str, version: str) -> bool:
    """Whether a version has another major release number than what was asked for."""
    number = _named(specifier)
    return number is not None and _version(version).release[0] != number.release[0]


def _named(specifier: str) -> Version | None:
    """The number that a specifier is about: that of `==` or of the lower bound, else the first one in it."""
    clauses = sorted(specifier.split(","), key=lambda clause: clause.strip()[:1] not in "=~>")
    found = _NUMBER.search(clauses[0]) if clauses else None
    return _version(found[0]) if found else None


@lru_cache(maxsize=4_000)
def _set(specifier: str) -> SpecifierSet:
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(specifier)


@lru_cache(maxsize=20_000)
def _version(text: str) -> Version:
    from packaging.version import Version

    return Version(text)
