"""The table of modules: each build that a standard environment shows, with the CPU trees that have it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from tablemaker.text import age, normalise

COMPILERS = frozenset({"gcc", "intel", "nvhpc", "llvm", "rocm-compilers"})
_PYTHONS_OWN = "python"  # what the interpreter brings along is no reason to load it


class Build(NamedTuple):
    """One install record: `way` is what must be loaded before it; `pythons` and `packages` are what it carries."""

    module: str
    year: str
    tree: str
    version: str
    way: tuple[str, ...]
    pythons: tuple[str, ...]
    packages: tuple[str, ...]


Shown = Mapping[str, Mapping[str, frozenset[str]]]  # by CPU tree and module: the versions that the site's list shows


def listed(rows: Iterable[tuple[str, ...]], trees: Mapping[str, str]) -> Iterator[Build]:
    """From a list of builds with the columns of installed_modules.tsv; `trees` has our name of each CPU tree."""
    for row in rows:
        module, year, tree, version, way, _suffix, kind, pythons, fixed, packages, shown, *_ = (*row, *[""] * 13)
        if kind == "module" and shown in ("yes", "?") and way != "?":
            windows = tuple(dict.fromkeys(map(_minor, pythons.split() or fixed.split())))
            yield Build(module, year, trees[tree], version, tuple(way.split()), windows, tuple(packages.split()))


def shown(rows: Iterable[tuple[str, ...]], trees: Mapping[str, str]) -> Shown:
    """From a list with the columns module, CPU tree, versions (apart by blanks)."""
    found: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for module, tree, versions in rows:
        found[trees[tree]][module] = frozenset(versions.split())
    return found


class ByHand(NamedTuple):
    """What no record has: what to load before a module (by module and version, "": all), and the Python packages that a
    module with a part for Python carries in its own version (by module)."""

    before: Mapping[tuple[str, str], str]
    carried: Mapping[str, tuple[str, ...]]


def visible(builds: Iterable[Build], shown: Shown) -> Iterator[Build]:
    """The builds that the lists of modules show; all of a standard environment that is too new for them.

    The lists do not say which standard environment a version is of: one of which they show less than half is too new.
    """
    known = list(builds)
    there = {build for build in known if _is_shown(build, shown)}
    of, counted = Counter(build.year for build in known), Counter(build.year for build in there)
    return (build for build in known if build in there or 2 * counted[build.year] < of[build.year])


def _is_shown(build: Build, shown: Shown) -> bool:
    return any(build.version in shown[tree].get(build.module, ()) for tree in _trees(build, shown))


def rows(builds: Iterable[Build], shown: Shown, by_hand: ByHand) -> list[tuple[str, ...]]:
    """One row for the ways to one version that carry the same packages in the same CPU trees, oldest first.

    What stands behind no compiler is in one tree that all nodes see: it counts for each tree whose list shows it, and
    for all trees where no list does.
    """
    trees: dict[Build, set[str]] = defaultdict(set)
    for build in builds:
        way = (*_before(build, by_hand), *build.way)
        carried = tuple(f"{name}=={build.version}" for name in by_hand.carried.get(build.module, ()) if build.pythons)
        full = build._replace(tree="", way=way, packages=(*carried, *build.packages))
        trees[full].update(_trees(build, shown))
    ways: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    for build, found in trees.items():
        named = (build.module, build.year, build.version, " ".join(sorted(found)))
        ways[(*named, " ".join(build.pythons), _packages(build))].append(build.way)
    return [_row(key, ways[key]) for key in sorted(ways, key=lambda key: (key[0], key[1], age(key[2]), key))]


def carried(rows: Iterable[tuple[str, ...]]) -> dict[str, dict[str, tuple[str, ...]]]:
    """The versions of Python packages that modules carry, by name and Python, from the table's own rows."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in rows:
        for package in row[6].split() if len(row) > 6 else ():
            name, _, version = package.partition("==")
            there = found.setdefault(normalise(name), {})
            there |= {python: (*there.get(python, ()), version) for python in row[5].split()}
    return found


def _before(build: Build, by_hand: ByHand) -> Iterator[str]:
    named = {name.partition("/")[0] for name in build.way}
    wanted = by_hand.before.get((build.module, build.version), by_hand.before.get((build.module, ""), ""))
    return (name for name in wanted.split() if name.partition("/")[0] not in named)


def _trees(build: Build, shown: Shown) -> set[str]:
    if any(name.partition("/")[0] in COMPILERS for name in build.way):
        return {build.tree}
    others = {tree for tree in shown if build.version in shown[tree].get(build.module, ())}
    return {build.tree, *(others or shown)}


def _packages(build: Build) -> str:
    if build.module == _PYTHONS_OWN:
        return ""
    found = (package.partition("==") for package in build.packages)
    carried = {normalise(name): version.partition("-")[0] for name, _, version in found if version}
    return " ".join(f"{name}=={carried[name]}" for name in sorted(carried))


def _row(key: tuple[str, ...], ways: list[tuple[str, ...]]) -> tuple[str, ...]:
    module, year, version, trees, pythons, packages = key
    return module, year, version, trees, "|".join(" ".join(way) for way in sorted(ways)), pythons, packages


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
