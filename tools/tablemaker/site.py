"""The modules of one site, from the list that it publishes as JSON: each module with its versions and extensions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tablemaker.bundles import Bundle, Levels, Row
from tablemaker.text import normalise

Listed = Mapping[str, Mapping[str, Any]]
_EXTENSION = re.compile(r"(?P<name>[\w.-]+?)-(?P<version>\d[\w.+]*)")
YEAR = re.compile(r"20\d\d[ab]")  # a version of its own: MATLAB/2021a
_OTHERS = re.compile(r"(?:^|-)(?:R|Perl|Julia|Ruby)(?=[-/]|\d|$)")  # languages whose modules list extensions, too
_CONDA = re.compile(r"conda|mamba|miniforge", re.I)
_BUILT_BY = re.compile(r"-(?:Miniconda|nvidia-compilers|CUDA|NVHPC)")  # not by a toolchain of a generation
_CLASS = re.compile(r"^moduleclass\s*=\s*['\"]([\w-]+)['\"]", re.M)


def shown(listed: Listed, levels: Levels) -> Iterator[tuple[Bundle, str]]:
    """Bundles and generations of a list, but for the toolchains; what has none goes with every generation."""
    everywhere = sorted(set(levels.generations.values()))
    toolchains = {toolchain.rpartition("-")[0] for toolchain in levels.generations}
    for name, about in listed.items():
        for version in about["versions"] if name not in toolchains and not _CONDA.search(name) else ():
            plain = (Bundle(name, version, ""), "") if YEAR.fullmatch(version) else None
            found = plain or levels.bundle(f"{name}/{version}")
            if found and (found[1] or not _BUILT_BY.search(version)):
                yield from ((found[0], each) for each in ([found[1]] if found[1] else everywhere))


def packages(listed: Listed, levels: Levels) -> dict[Bundle, dict[str, str]]:
    """The extensions of the default version of each module, which alone the list has."""
    carried: dict[Bundle, dict[str, str]] = {}
    for name, about in listed.items():
        module = f"{name}/{about['default']}"
        perl = any("::" in extension for extension in about["extensions"])
        found = None if perl or _OTHERS.search(module) else levels.bundle(module)
        matches = filter(None, map(_EXTENSION.fullmatch, about["extensions"]))
        if found and (extensions := {normalise(match["name"]): match["version"] for match in matches}):
            carried[found[0]] = extensions
    return carried


def named_like(there: Iterable[tuple[Bundle, str]], recipes: Iterable[Row]) -> dict[Bundle, dict[str, str]]:
    """What the modules themselves are called as Python packages: those that EasyBuild's own modules of these names, as
    rows of bundles.tsv, mostly carry in the module's version.
    """
    own: dict[str, Counter[str]] = {}
    for name, version, _, _, packages in (row for row in recipes if len(row) > 4):
        counted = own.setdefault(name, Counter())
        for package, _, carried in (each.partition("==") for each in packages.split()):
            counted[package] += 1 if carried == version else -1
    alike = {name: [package for package, count in counted.items() if count > 0] for name, counted in own.items()}
    return {bundle: dict.fromkeys(alike.get(bundle.name, ()), bundle.version) for bundle, _ in there}


def classes(recipes: Iterable[tuple[str, str]], wanted: frozenset[str]) -> list[tuple[str, str]]:
    """The class of each wanted module, from its recipes as paths and texts: the most frequent one."""
    found: dict[str, Counter[str]] = {}
    for path, text in recipes:
        if path.endswith(".eb") and (match := _CLASS.search(text)):
            found.setdefault(path.split("/")[-2], Counter())[match[1]] += 1
    return sorted((name, counted.most_common(1)[0][0]) for name, counted in found.items() if name in wanted)
