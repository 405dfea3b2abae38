"""The product's own tables, and the only door to their files: names, wheels, modules, programs, profiles.

Each table is a text file beside this one: comment lines that say what it is, its columns, its source and its date, then
one entry a line, sorted, its columns apart by tabs. A table is read when it is first asked for, and once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from slurmfix.knowledge.bundles import (
    Bundle,
    Generation,
    bundles_called,
    bundles_with,
    generations,
    interpreter_of,
    is_untabled,
    loaded_first,
    names_toolchain,
    plain_name,
    refuse_unknown_generations,
    role_of,
    wants_gpu_build,
    words_to_load,
)
from slurmfix.knowledge.forms import HERE, BadTable, known_tables
from slurmfix.knowledge.images import ImageTool, image_tool, is_image_tool
from slurmfix.knowledge.modules import (
    Module,
    StandardEnvironment,
    module_families,
    modules,
    standard_environments,
    standard_module,
)
from slurmfix.knowledge.needs import (
    BaseProgram,
    Companion,
    RuntimeNeed,
    base_layer,
    companions,
    extras,
    family,
    gpu_package,
    is_base_program,
    runtime_needs,
    special_build,
    wheel_of_program,
    wheels_of_program,
    with_requirements,
)
from slurmfix.knowledge.profiles import (
    BadProfile,
    Profile,
    UnknownProfile,
    is_path,
    profile,
    profile_folders,
    profile_names,
    profiles_listed,
)
from slurmfix.knowledge.tables import date, kept, pairs, rows, use
from slurmfix.knowledge.wheelhouse import (
    is_built_for,
    is_dummy,
    is_pure,
    listed_pythons,
    normalise,
    versions_of_conda,
    wheel_pythons,
    wheel_requirements,
    wheel_versions,
)

_WORD = re.compile(r"[a-z]+")
_VERSION_OF_A_MODULE = re.compile(r"(?:[-_.]v?\d.*|\d[\d.]*(?:-\w+?\d[\d.]*)?)\Z")


@dataclass(frozen=True, slots=True)
class CondaModule:
    """The module that serves a conda package which is a program or a library; `use` is "program" or "library".

    `versions` is the beginning of the module versions that are the same program, empty for all.
    """

    module: str
    use: str
    versions: str = ""


@dataclass(frozen=True, slots=True)
class PythonModule:
    """The module that alone carries a Python package, in versions that begin with `versions`, and why no wheel does."""

    module: str
    versions: str
    why: str


@dataclass(frozen=True, slots=True)
class Trap:
    """A conda name that is also the name of something else: `means` is "python", "module" or "library"."""

    means: str
    target: str
    note: str


@kept
def _python_names() -> frozenset[str]:
    return frozenset(row[0] for row in rows("python_names"))


def pypi_name(conda: str) -> str | None:
    """The PyPI name of a conda package, None where no Python distribution of it is known."""
    name = normalise(conda)
    found = pairs("names_by_hand").get(name) or pairs("names_generated").get(name)
    if found:
        return found
    if wheel_pythons(name) or python_module(name) or _is_python_name(name):  # the largest table last
        return conda if normalise(conda) != conda.lower() else conda.lower()
    return _pypi_name_by_pattern(name)


def _is_python_name(name: str) -> bool:
    """Whether PyPI has the name; what every node has as a program (mercurial) is no matter of PyPI's."""
    program = base_layer(name)
    return name in _python_names() and not (program and program.programs)


def _pypi_name_by_pattern(name: str) -> str | None:
    """Conda splits and prefixes names in a few ways that a wheel of the plain name confirms."""
    for plain in (
        re.sub(r"-cu(?:da)?-?\d+(?:-\d+)*$", "", name),
        name.removeprefix("python-"),
        name.removesuffix("-python"),
        name.removeprefix("py-"),
        name.removesuffix("-py"),
        name.removesuffix("-base"),
        name.removesuffix("-minimal"),
    ):
        if plain != name and wheel_pythons(plain):
            return plain
    return None


def plain_build(pypi: str) -> str:
    """The package of which a name on PyPI is only another build (nightly, for GPUs), "" for all other names."""
    name = normalise(pypi)
    exact = pairs("flavours").get(name)
    return exact or next((plain for pattern, plain in _flavour_patterns() if fnmatchcase(name, pattern)), "")


@kept
def _flavour_patterns() -> tuple[tuple[str, str], ...]:
    return tuple((name, plain) for name, plain in pairs("flavours").items() if "*" in name)


def name_of_repository(url: str) -> str:
    """The PyPI name of what a repository on GitHub makes, where the two names differ; "" for all others."""
    found = re.search(r"github\.com[/:]([^/]+/[^/@#]+)", url.lower())
    return pairs("repositories").get(found[1].removesuffix(".git"), "") if found else ""


def pypi_name_of_import(name: str) -> str | None:
    """The PyPI name of what `import name` imports, None where neither a table nor the wheelhouse knows it."""
    found = pairs("imports_by_hand").get(name) or pairs("imports_generated").get(name)
    if found:
        return found
    plain = normalise(name)
    return name if wheel_pythons(plain) or python_module(plain) else None


def program_of_module(name: str) -> str:
    """What `python -m NAME` runs where only the whole name tells it from a package of the same import; else ""."""
    return pairs("imports_by_hand").get(name, "") if "." in name else ""


def wheel_meant_by(name: str) -> str:
    """The wheel that a name which has none is conda's name of, or an import from: "torch" for pytorch; else ""."""
    names = (pypi_name(name), pypi_name_of_import(name), pypi_name_of_import(name.replace("-", "_")))
    return next((each for each in names if each and normalise(each) != normalise(name) and wheel_pythons(each)), "")


def is_python_name(conda: str) -> bool:
    """Whether a conda package of this name is known to be a Python distribution of the same or another name."""
    return pypi_name(conda) is not None


@kept
def _python_modules() -> dict[str, PythonModule]:
    return {row[0]: PythonModule(row[1], row[2], row[3]) for row in rows("python_modules")}


def python_module(pypi: str) -> PythonModule | None:
    """The module that alone carries a Python package, None where it is a matter for the wheelhouse."""
    return _python_modules().get(normalise(pypi))


@kept
def carries_python(module: str) -> bool:
    """Whether some Python package can only come from this module, so that its window of Python versions matters."""
    return any(found.module == module for found in _python_modules().values())


@kept
def _conda_modules() -> tuple[dict[str, CondaModule], tuple[tuple[str, CondaModule], ...]]:
    found = {row[0]: CondaModule(*row[1:4]) for row in rows("conda_modules")}
    return {normalise(name): module for name, module in found.items() if "*" not in name}, tuple(
        (name, module) for name, module in found.items() if "*" in name
    )


def conda_module(conda: str) -> CondaModule | None:
    """The module that serves a conda package which is a program or a library."""
    plain, patterns = _conda_modules()
    name = normalise(conda)
    return plain.get(name) or next((found for pattern, found in patterns if fnmatchcase(name, pattern)), None)


@kept
def _module_names() -> frozenset[str]:
    return frozenset(row[0] for row in rows("module_builds"))


def is_module(name: str) -> bool:
    """Whether any standard environment has a module of this name."""
    return name in _module_names()


def module_here(name: str) -> str:
    """The Alliance's name of a module that a script asks for: in other letters, or by another cluster's name; "" where
    there is none.
    """
    low = name.lower()
    return next((each for each in (name, low, pairs("modules_elsewhere").get(low, "")) if is_module(each)), "")


def module_meant(module: str) -> str:
    """The Alliance's name of a module that another cluster keeps in a section, or names with its version:
    `nvidia/cuda-11.1`, `comp/gcc/11.2.0`, `cuda11.3/toolkit`; StdEnv for what opens a cluster's basic software; ""
    where none is known.
    """
    parts = [(part, _VERSION_OF_A_MODULE.sub("", part)) for part in module.lower().split("/")]
    for part, name in parts:
        if found := module_here(part) or module_here(name):
            return found
        if name not in pairs("module_sections"):
            break
    return next(filter(None, map(name_elsewhere, parts[0])), "")


def name_elsewhere(name: str) -> str:
    """The Alliance's module for another cluster's name of it, or for an old one; "" where no table tells."""
    return pairs("modules_elsewhere").get(name.lower(), "")


def wheel_of_module(module: str) -> str | None:
    """The package (normalised PyPI name) that another cluster's module holds, "torch" for `pytorch-gpu/py3/1.11.0`;
    None for the cluster's own modules, and where none is known.
    """
    low, wheels = module.lower(), pairs("module_wheels")
    words = () if module_meant(module) else (low.partition("/")[0], *_WORD.findall(low))
    return next((wheel for word in words if (wheel := wheels.get(word))), None)


def program_here(program: str) -> str:
    """What does here what a program of another cluster or batch system does; "" for all other programs."""
    return pairs("programs_elsewhere").get(program, "")


def program_module(program: str) -> str | None:
    """The module that a program, as a job script calls it, belongs to."""
    return pairs("programs").get(program)


@kept
def _dropped() -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    groups = pairs("dropped")
    return {name: group for name, group in groups.items() if "*" not in name}, tuple(
        (name, group) for name, group in groups.items() if "*" in name
    )


def dropped(conda: str, patterns: bool = True) -> str | None:
    """The group of conda names this one belongs to that needs nothing in its place, None where it is in none."""
    plain, wild = _dropped()
    name = normalise(conda)
    if found := plain.get(name):
        return found
    return next((group for pattern, group in wild if fnmatchcase(name, pattern)), None) if patterns else None


@kept
def _not_on_pypi() -> dict[str, str]:
    return {row[0]: (*row, "")[1] for row in rows("not_on_pypi")}


def not_on_pypi(conda: str) -> str | None:
    """What a conda package of which PyPI has nothing is: "python" or ""; None where PyPI has it, or nobody knows."""
    return _not_on_pypi().get(normalise(conda))


def nowhere(conda: str) -> str | None:
    """What the documentation says of a conda package that neither a wheel nor a module serves, None for all others."""
    name = normalise(conda)
    return next((note for pattern, note in pairs("nowhere").items() if fnmatchcase(name, pattern)), None)


def dropped_because(group: str, on_the_cluster: bool = True) -> str:
    """Why a group of conda names needs nothing in its place, in words for a person.

    `on_the_cluster` is false where neither modules nor wheels of the cluster are known.
    """
    if on_the_cluster:
        return pairs("dropped_reasons")[group]
    return next(row[-1] for row in rows("dropped_reasons") if row[0] == group)


@kept
def _r_names() -> dict[str, tuple[str, str]]:
    return {row[0]: (row[1], row[2]) for row in rows("cran_names")}


def r_package(conda: str) -> tuple[str, bool]:
    """The name in R of a conda package `r-…`, and whether it comes with R itself."""
    plain = normalise(conda).removeprefix("r-")
    name, origin = _r_names().get(plain) or _r_names().get(plain.replace("-", ".")) or (plain, "cran")
    return name, origin == "own"


@kept
def _traps() -> dict[tuple[str, str], Trap]:
    return {(row[0], row[1]): Trap(row[2], row[3], row[4]) for row in rows("traps")}


def trap(conda: str, channel: str = "") -> Trap | None:
    """What a conda name means that is also the name of something else, None for a name without that trouble."""
    name = normalise(conda)
    return _traps().get((name, channel)) or _traps().get((name, ""))


__all__ = [
    "HERE",
    "BadProfile",
    "BadTable",
    "BaseProgram",
    "Bundle",
    "Companion",
    "CondaModule",
    "Generation",
    "ImageTool",
    "Module",
    "Profile",
    "PythonModule",
    "RuntimeNeed",
    "StandardEnvironment",
    "Trap",
    "UnknownProfile",
    "base_layer",
    "bundles_called",
    "bundles_with",
    "carries_python",
    "companions",
    "conda_module",
    "date",
    "dropped",
    "dropped_because",
    "extras",
    "family",
    "generations",
    "gpu_package",
    "image_tool",
    "interpreter_of",
    "is_base_program",
    "is_built_for",
    "is_dummy",
    "is_image_tool",
    "is_module",
    "is_path",
    "is_pure",
    "is_python_name",
    "is_untabled",
    "kept",
    "known_tables",
    "listed_pythons",
    "loaded_first",
    "module_families",
    "modules",
    "name_elsewhere",
    "name_of_repository",
    "names_toolchain",
    "normalise",
    "not_on_pypi",
    "nowhere",
    "plain_build",
    "plain_name",
    "profile",
    "profile_folders",
    "profile_names",
    "profiles_listed",
    "program_here",
    "program_module",
    "program_of_module",
    "pypi_name",
    "pypi_name_of_import",
    "python_module",
    "r_package",
    "refuse_unknown_generations",
    "role_of",
    "rows",
    "runtime_needs",
    "special_build",
    "standard_environments",
    "standard_module",
    "trap",
    "use",
    "versions_of_conda",
    "wants_gpu_build",
    "wheel_meant_by",
    "wheel_of_module",
    "wheel_of_program",
    "wheel_pythons",
    "wheel_requirements",
    "wheel_versions",
    "wheels_of_program",
    "with_requirements",
    "words_to_load",
]
