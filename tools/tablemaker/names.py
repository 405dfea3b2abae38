"""The tables of names: what a conda package and an import are called on PyPI, from the mapping of conda-pypi."""

from __future__ import annotations

import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import NamedTuple

from tablemaker.text import normalise

_MAPPING = "conda_pypi/grayskull_pypi_mapping.json"


class Names(NamedTuple):
    """`same`: conda names that are PyPI's, too; `renamed`: conda name to PyPI name; `imports`: import to PyPI name."""

    same: list[tuple[str, ...]]
    renamed: list[tuple[str, ...]]
    imports: list[tuple[str, ...]]


def names(wheel: Path) -> Names:
    """The names of the mapping. What two distributions claim says nothing: those that matter are decided by hand."""
    with zipfile.ZipFile(wheel) as archive:
        entries = list(json.loads(archive.read(_MAPPING)).values())
    same: set[str] = set()
    renamed: dict[str, set[str]] = defaultdict(set)
    imports: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        conda, pypi = normalise(entry["conda_name"]), normalise(entry["pypi_name"])
        if re.fullmatch(r"[0-9a-f]{50,}", pypi):  # a piece of a download address, no name
            continue
        if conda == pypi:
            same.add(conda)
        else:
            renamed[conda].add(pypi)
        top = entry["import_name"].split(".")[0]
        if top.isidentifier() and normalise(top) != pypi:
            imports[top].add(pypi)
    plain = {top: found for top, found in imports.items() if normalise(top) not in same}
    return Names([(name,) for name in sorted(same)], _single(renamed, same), _single(plain, frozenset()))


class OfChannels(NamedTuple):
    """`same`: conda names that PyPI has, too; `absent`: those of whose package PyPI has nothing, "python" where it is a
    Python distribution all the same.
    """

    same: list[tuple[str, ...]]
    absent: list[tuple[str, ...]]


_OTHER_LANGUAGES = ("r-", "bioconductor-", "perl-", "ros-", "ros2-", "xorg-")  # decided by the prefix alone


def of_channels(mappings: Iterable[Mapping[str, list[str] | None]], listed: Set[str]) -> OfChannels:
    """The names of some channels; `mappings` tell the distributions in a conda package, `listed` are PyPI's names."""
    held: dict[str, set[str]] = defaultdict(set)
    for mapping in mappings:
        for conda, distributions in mapping.items():
            held[normalise(conda)].update(map(normalise, distributions or ()))
    same = [(name,) for name in sorted(held) if name in held[name] and name in listed]
    elsewhere = set().union(*held.values()) & listed  # iris holds scitools-iris, which conda has, too
    absent = [
        (name, "python" if held[name] else "")
        for name in sorted(held)
        if not held[name] & listed and name not in elsewhere and not name.startswith(_OTHER_LANGUAGES)
    ]
    return OfChannels(same, absent)


def _single(found: Mapping[str, Set[str]], taken: Set[str]) -> list[tuple[str, ...]]:
    return sorted((name, next(iter(pypi))) for name, pypi in found.items() if len(pypi) == 1 and name not in taken)
