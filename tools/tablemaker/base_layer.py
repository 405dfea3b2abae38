"""The table of the base layer: programs and libraries that every node has without a module."""

from __future__ import annotations

from collections.abc import Iterable

from tablemaker.text import normalise


def rows(listed: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """One row a conda name, or a package without one: name, standard environments, programs.

    `listed` has the columns package, its name there, standard environments, conda names, programs, where it is named.
    """
    found: dict[str, tuple[str, ...]] = {}
    for row in listed:
        package, _, years, conda, programs, *_ = (*row, "", "", "", "", "")
        for name in conda.split() or [package]:
            before = found.get(normalise(name), ("", "", ""))
            found[normalise(name)] = (normalise(name), _both(before[1], years), _both(before[2], programs))
    return [found[name] for name in sorted(found)]


def _both(old: str, new: str) -> str:
    return " ".join(sorted({*old.split(), *new.split()}))
