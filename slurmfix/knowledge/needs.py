"""What goes with a package: modules and packages that its wheel needs, matching versions, extras, programs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from slurmfix.knowledge.tables import kept, pairs, rows
from slurmfix.knowledge.wheelhouse import normalise


class RuntimeNeed(NamedTuple):
    """What a wheel needs besides itself, for some of its versions.

    `versions` is a PEP 440 specifier ("": all). `modules` are loaded before pip runs, each a name with a specifier
    behind it where only some versions will do (`arrow>=21`); an upper bound: staff load them to build and test.
    `packages` are requirements to install beside it. `brings` are requirements that pip brings along: what these need
    is needed, too. `source` says where that is known from.
    """

    versions: str
    modules: tuple[str, ...]
    packages: tuple[str, ...]
    brings: tuple[str, ...]
    source: str


class Companion(NamedTuple):
    """A package whose version is held to that of another, where both are wanted.

    Where the other one's version meets `versions` (a PEP 440 specifier, "": all), the package `name` must meet
    `wanted`: a specifier, or `=` for the same version.
    """

    versions: str
    name: str
    wanted: str
    source: str


class BaseProgram(NamedTuple):
    """A package of the base layer, which every node has without a module; `years` are the standard environments."""

    years: tuple[str, ...]
    programs: tuple[str, ...]


@kept
def _runtime_needs() -> Mapping[str, tuple[RuntimeNeed, ...]]:
    found: dict[str, list[RuntimeNeed]] = defaultdict(list)
    for row in rows("runtime_needs"):
        name, versions, modules, packages, brings, source = (*row, "", "", "", "", "")[:6]
        need = RuntimeNeed(versions, tuple(modules.split()), tuple(packages.split()), tuple(brings.split()), source)
        found[name].append(need)
    return {name: tuple(needs) for name, needs in found.items()}


def runtime_needs(pypi: str, extras: tuple[str, ...] = ()) -> tuple[RuntimeNeed, ...]:
    """What a wheel needs besides itself, its extras counted; look at `versions` of each; () where nothing is known."""
    name = normalise(pypi)
    keys = (name, *(f"{name}[{normalise(extra)}]" for extra in extras))
    return tuple(need for key in keys for need in _runtime_needs().get(key, ()))


@kept
def _companions() -> Mapping[str, tuple[Companion, ...]]:
    found: dict[str, list[Companion]] = defaultdict(list)
    for name, versions, companion, wanted, source in rows("together"):
        found[name].append(Companion(versions, companion, wanted, source))
    return {name: tuple(companions) for name, companions in found.items()}


def companions(pypi: str) -> tuple[Companion, ...]:
    """The packages whose versions are held to this one's: torchvision to torch, numpy to what was built for 1.x."""
    return _companions().get(normalise(pypi), ())


@kept
def _extras() -> Mapping[str, tuple[str, tuple[str, ...]]]:
    found = ((*row, "")[:3] for row in rows("extras"))
    return {conda: (pypi, tuple(extras.split())) for conda, pypi, extras in found}


def extras(conda: str) -> tuple[str, tuple[str, ...]] | None:
    """The PyPI name and the extras that a conda name means: `ray-tune` is ("ray", ("tune",)); None for other names."""
    return _extras().get(normalise(conda))


def gpu_package(pypi: str) -> str | None:
    """The package to install beside this one in a job that asks for a GPU; None where the wheel itself can use it."""
    return pairs("gpu_builds").get(normalise(pypi))


def wheel_of_program(program: str) -> str | None:
    """The package (normalised PyPI name) whose wheel brings a program, as a job calls it; None where none is known."""
    return next(iter(wheels_of_program(program)), None)


def wheels_of_program(program: str) -> tuple[str, ...]:
    """That package and those that its program does nothing without; `jupyter-nbconvert` wants a kernel, too."""
    return tuple(pairs("wheel_programs").get(program, "").split())


def special_build(program: str) -> str:
    """What conda's program of this name may be, where it has special builds of it; "" for other programs."""
    return pairs("special_builds").get(program, "")


_ALIKE = ("opencv", "tensorflow", "faiss", "psycopg2", "dask")  # builds of one thing under several names
_BUILDS = {"opencv": "opencv-python"}  # whose requirements stand for those of all


def family(pypi: str) -> str:
    """The normalised name that all builds of a package share: `opencv` for `opencv-python-headless`."""
    plain = normalise(pypi)
    return next((name for name in _ALIKE if plain == name or plain.startswith(f"{name}-")), plain)


@cache
def with_requirements(names: frozenset[str]) -> frozenset[str]:
    """Packages (families of PyPI names), and all that pip installs along with them, as far as it is known."""
    brings = pairs("brings")
    found, waiting = set(names), list(names)
    while waiting:
        name = waiting.pop()
        new = {family(other) for other in brings.get(_BUILDS.get(name, name), "").split()} - found
        found |= new
        waiting += new
    return frozenset(found)


@kept
def _base_layer() -> Mapping[str, BaseProgram]:
    found = ((*row, "")[:3] for row in rows("base_layer"))
    return {name: BaseProgram(tuple(years.split()), tuple(programs.split())) for name, years, programs in found}


def base_layer(conda: str) -> BaseProgram | None:
    """What of the base layer a conda package is, by the package's name; None for what the layer does not have.

    Some are Python packages, too (docutils): ask the wheelhouse and the tables of modules first, but for programs.
    """
    return _base_layer().get(normalise(conda))


@kept
def _base_programs() -> frozenset[str]:
    layer = frozenset(program for package in _base_layer().values() for program in package.programs)
    return layer.union(*(row[1].split() for row in rows("system_programs")))


def is_base_program(program: str) -> bool:
    """Whether every node has a program, as a job calls it, without a module."""
    return program in _base_programs()
