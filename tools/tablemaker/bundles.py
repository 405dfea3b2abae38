"""Modules of EasyBuild by toolchain generation, with the Python packages in each, from lists of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tablemaker.text import age, normalise

Row = tuple[str, ...]
_OTHER_TOOLCHAIN = re.compile(r"20\d\d[ab]\b|-[A-Za-z]+-20\d\d|-(?:intel|llvm|GCC|NVHPC|(?:nvidia|rocm)-compilers)")
_OLD = "2."  # a Python that no job is rewritten for


class Bundle(NamedTuple):
    """A module: `place` is the rest of its flat name behind the version, `-gfbf-2023a`, `-foss-2023a-CUDA-12.1.1`."""

    name: str
    version: str
    place: str


class Levels(NamedTuple):
    """The toolchains of each generation, `gfbf-2023a`, and the generation that each belongs to."""

    generations: dict[str, str]

    @classmethod
    def of(cls, generations: Iterable[Row]) -> Levels:
        """From the rows of generations.tsv."""
        return cls({toolchain: row[0] for row in generations for part in row[4:6] for toolchain in part.split()})

    def bundle(self, module: str) -> tuple[Bundle, str] | None:
        """A module by its full flat name, with its generation, "" for none; None where its toolchain is unknown.

        A name in which a template of EasyBuild is still to be filled in (`-R-%(rver)s`) is no name of a module.
        """
        name, _, rest = module.partition("/")
        if "%(" in module:
            return None
        for toolchain, generation in self.generations.items():
            version, found, suffix = f"{rest}-".partition(f"-{toolchain}-")
            if found:
                return Bundle(name, version, f"-{toolchain}{f'-{suffix}'.rstrip('-')}"), generation
        if _OTHER_TOOLCHAIN.search(rest):
            return None
        return Bundle(name, rest, ""), ""


def carried(rows: Iterable[Row], levels: Levels) -> Iterator[tuple[Bundle, str, dict[str, str]]]:
    """Bundle, generation and packages of a list's rows: generation, module, Python, packages."""
    for _, module, python, packages in (row[:4] for row in rows if len(row) > 3):
        found = levels.bundle(module)
        if found and found[1] and not python.startswith(_OLD):
            listed = (each.partition("==") for each in packages.split())
            yield (*found, {normalise(name): version for name, _, version in listed if version})


def shown(rows: Iterable[Row], levels: Levels) -> Iterator[tuple[Bundle, str]]:
    """Bundles and generations of a list's rows: module, generation, stacks that have it.

    A module without a toolchain goes with each generation of its stacks.
    """
    listed = [(found, row[2].split()) for row in rows if len(row) > 2 and (found := levels.bundle(row[0]))]
    generations: dict[str, set[str]] = {}
    for (_, generation), stacks in listed:
        for stack in stacks:
            generations.setdefault(stack, set()).update(filter(None, [generation]))
    for (bundle, generation), stacks in listed:
        of_all = {each for stack in stacks for each in generations[stack]}
        yield from ((bundle, each) for each in sorted({generation} if generation else of_all))


def programs(files: Iterable[str], wanted: frozenset[str], levels: Levels) -> Iterator[tuple[Bundle, str]]:
    """Bundles and generations of the recipes of wanted programs, by their files: `…/SAMtools-1.18-GCC-12.3.0.eb`.

    `wanted` are names as `plain` spells them. What has no toolchain goes with every generation.
    """
    everywhere = sorted(set(levels.generations.values()))
    for name, file in (path.split("/")[-2:] for path in files if path.endswith(".eb")):
        found = levels.bundle(f"{name}/{file.removeprefix(f'{name}-').removesuffix('.eb')}")
        if found and plain(name) in wanted:
            yield from ((found[0], each) for each in ([found[1]] if found[1] else everywhere))


def plain(name: str) -> str:
    """The spelling in which names of programs are compared."""
    return re.sub(r"[-_.]+", "", name).lower()


def extensions(rows: Iterable[Row], levels: Levels) -> dict[Bundle, dict[str, str]]:
    """The packages of each bundle, from a list's rows: package, version, modules."""
    found: dict[Bundle, dict[str, str]] = {}
    for name, version, modules in (row[:3] for row in rows if len(row) > 2):
        for bundle, _ in filter(None, map(levels.bundle, modules.split())):
            found.setdefault(bundle, {})[normalise(name)] = version
    return found


def rows(
    there: Iterable[tuple[Bundle, str]], packages: dict[Bundle, dict[str, str]], known: frozenset[str]
) -> list[Row]:
    """The table: name, version, place, generations, and of the packages those whose names are known as Python's."""
    generations: dict[Bundle, set[str]] = {}
    for bundle, generation in there:
        generations.setdefault(bundle, set()).add(generation)
    return [
        (*bundle, " ".join(sorted(generations[bundle])), _listed(packages.get(bundle, {}), known))
        for bundle in sorted(generations, key=lambda each: (each.name, age(each.version), each.place))
    ]


def _listed(packages: dict[str, str], known: frozenset[str]) -> str:
    return " ".join(f"{name}=={version}" for name, version in sorted(packages.items()) if name in known)
