"""The modules of EasyBuild, by the toolchain generation in which they go together, and what each carries."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from slurmfix.knowledge.profiles import BadProfile, Profile, place_of, profile
from slurmfix.knowledge.tables import kept, pairs, rows
from slurmfix.knowledge.wheelhouse import normalise

_NO_CLASS = "base"  # EasyBuild's class of a recipe that names none


class Generation(NamedTuple):
    """A toolchain generation: its modules go together. `version` is the full one of its Python, `python` its minor one.

    `compiler` and `mpi` are full names of modules; `low` are the toolchains (`gfbf-2023a`) whose modules a hierarchy
    shows once the compiler is loaded, `high` those that also want the MPI.
    """

    name: str
    version: str
    compiler: str
    mpi: str
    low: tuple[str, ...]
    high: tuple[str, ...]

    @property
    def python(self) -> str:
        return ".".join(self.version.split(".")[:2])

    def has(self, full_name: str) -> bool:
        """Whether a module belongs to this generation by its full name: `SAMtools/1.18-GCC-12.3.0`, `GCC/12.3.0`."""
        spelled = f"-{full_name.replace('/', '-')}-"
        return any(f"-{toolchain}-" in spelled for toolchain in (*self.low, *self.high))


class Bundle(NamedTuple):
    """A module: `rest` is the end of its flat name (`-gfbf-2023a`, "" without a toolchain), `packages` the Python
    packages in it: normalised name to version.
    """

    name: str
    version: str
    rest: str
    packages: Mapping[str, str]

    @property
    def by_class(self) -> str:
        """Its full name where modules are sorted by class: `bio/SAMtools/1.18-GCC-12.3.0`."""
        return f"{pairs('module_classes').get(self.name, _NO_CLASS)}/{self.flat}"

    @property
    def flat(self) -> str:
        """Its full name where all modules lie side by side: `SciPy-bundle/2023.07-gfbf-2023a`."""
        return f"{self.name}/{self.version}{self.rest}"

    @property
    def for_gpus(self) -> bool:
        """Whether it is a build for GPUs, which its name says."""
        return "-CUDA-" in self.rest

    def serves(self, asked: frozenset[str]) -> bool:
        """Whether it is the place to take its packages from, if these are asked for: else they are parts of something
        else, such as of an application that runs on lightgbm.
        """
        leads = pairs("bundle_leads").get(self.name, "").split() or self._own
        return "*" in leads or not asked.isdisjoint(leads)

    @property
    def _own(self) -> list[str]:
        """The packages that it is made for, which have its name, or its version and much of its name."""
        ours = _plain(self.name)
        of_version = [name for name, version in self.packages.items() if f"{version}.".startswith(f"{self.version}.")]
        alike = [name for name in of_version if _plain(name) in ours or ours in _plain(name)]
        return [normalise(self.name), *(of_version if len(self.packages) == 1 else alike)]

    def name_at(self, naming: str, generation: Generation) -> str:
        """Its name as a site names its modules, which is "flat", "hierarchical" or "by-class"."""
        if naming == "hierarchical":
            return self.ways(generation)[-1]
        return self.by_class if naming == "by-class" else self.flat

    def ways(self, generation: Generation) -> tuple[str, ...]:
        """Its name in a hierarchy, behind the modules that are loaded before it."""
        for toolchains, before in (
            (generation.low, (generation.compiler,)),
            (generation.high, (generation.compiler, generation.mpi)),
        ):
            for toolchain in toolchains:
                if f"{self.rest}-".startswith(f"-{toolchain}-"):
                    return (*before, f"{self.name}/{self.version}{self.rest.removeprefix(f'-{toolchain}')}")
        return (f"{self.name}/{self.version}{self.rest}",)


@kept
def generations() -> Mapping[str, Generation]:
    """The toolchain generations by name, the oldest first."""
    return {
        row[0]: Generation(row[0], row[1], row[2], row[3], tuple(row[4].split()), tuple(row[5].split()))
        for row in rows("generations")
    }


def refuse_unknown_generations(name: str) -> None:
    """Raises BadProfile where the profile of a name or path speaks of a generation that its tables do not know."""
    for generation in (text.partition(" ")[0] for text in profile(name).generations):
        if generation not in generations():
            known = ", ".join(generations())
            action = f"take one of {known}, or add it to generations.tsv in the folder of tables"
            where = place_of("modules.generations", name)
            raise BadProfile(f"{where}: no table knows the generation {generation!r}; {action}")


@kept
def bundles(generation: str) -> tuple[Bundle, ...]:
    """The modules of a generation, by name, the versions of each oldest first."""
    found = (row for row in rows("bundles") if generation in row[3].split())
    return tuple(
        Bundle(row[0], row[1], row[2], dict(each.split("==", 1) for each in "".join(row[4:5]).split())) for row in found
    )


@kept
def _by_package(generation: str) -> Mapping[str, tuple[Bundle, ...]]:
    found: dict[str, tuple[Bundle, ...]] = {}
    for bundle in bundles(generation):
        for name in bundle.packages:
            found[name] = (*found.get(name, ()), bundle)
    return found


@kept
def _by_name(generation: str) -> Mapping[str, tuple[Bundle, ...]]:
    found: dict[str, tuple[Bundle, ...]] = {}
    for bundle in bundles(generation):
        found[_plain(bundle.name)] = (*found.get(_plain(bundle.name), ()), bundle)
    return found


def interpreter_of(generation: Generation) -> Bundle | None:
    """The module of a generation's Python."""
    named = bundles_called("python", generation.name)
    ours = [each for each in named if each.version == generation.version]
    return min(ours, key=lambda each: len(each.rest), default=None)


def loaded_first(site: Profile, generation: Generation) -> tuple[str, ...]:
    """The modules that a site loads before all others of a generation."""
    named = (text.split() for text in site.generations)
    return next((tuple(before) for name, *before in named if name == generation.name), ())


def words_to_load(module: str, site: Profile, beside: Iterable[str] = ()) -> tuple[str, ...]:
    """What `module load` takes at a site for a module by its plain name, such as `python`, with what comes before it:
    ("2023", "Python/3.11.3-GCCcore-12.3.0"). () where no table has it. It goes with the modules `beside`, by full name.
    """
    if not site.naming:
        return (module,)
    known = [each for text in site.generations if (each := generations().get(text.partition(" ")[0]))]
    own = [each for each in known if any(map(each.has, beside))]
    for generation in own or known:
        newest = [each for each in bundles_called(module, generation.name) if not each.for_gpus][-1:]
        found = interpreter_of(generation) if role_of(module) == "interpreter" else next(iter(newest), None)
        if found is not None:
            ways = found.ways(generation)[:-1] if site.naming == "hierarchical" else ()
            return (*loaded_first(site, generation), *ways, found.name_at(site.naming, generation))
    return ()


def names_toolchain(full_name: str) -> bool:
    """Whether a module's full name tells its toolchain, of whatever generation: `foss/2017b`, `x/1-GCCcore-4.9.3`."""
    parts = re.split(r"[/-]", full_name)
    families = {each.rpartition("-")[0] for found in generations().values() for each in (*found.low, *found.high)}
    return any(part in families and later[:1].isdigit() for part, later in itertools.pairwise(parts))


def bundles_with(package: str, generation: str) -> tuple[Bundle, ...]:
    """The modules of a generation that carry a Python package."""
    return _by_package(generation).get(normalise(package), ())


def bundles_called(module: str, generation: str) -> tuple[Bundle, ...]:
    """The modules of a generation that are the program or library of a name, as another site or conda spells it."""
    name = normalise(module)
    return _by_name(generation).get(_plain(pairs("bundle_names").get(name, name)), ())


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "", name).lower()


def is_untabled(module: str) -> bool:
    """Whether clusters have a module, by its name with or without a version, of which no table lists the builds."""
    return role_of(module) in ("start", "local")


def role_of(module: str) -> str:
    """`start`, `interpreter`, `local`, or "" for a module by its full or plain name."""
    roles = pairs("module_roles")
    return roles.get(module.partition("/")[0], "") or roles.get(plain_name(module), "")


def plain_name(module: str) -> str:
    """A module's name without its version, and without the class where modules are sorted by that."""
    first, _, rest = module.partition("/")
    second = rest.partition("/")[0]
    return second if second and not second[0].isdigit() and first in _classes() else first


@kept
def _classes() -> frozenset[str]:
    return frozenset(pairs("module_classes").values())


@kept
def _gpu_packages() -> frozenset[str]:
    return frozenset(row[0] for row in rows("gpu_packages"))


def wants_gpu_build(package: str) -> bool:
    """Whether a job with a GPU wants a package in a build for GPUs."""
    return normalise(package) in _gpu_packages()
