"""Sorts each dependency into its one class: a Python package, a module, dropped, or unknown."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace

from slurmfix import knowledge
from slurmfix.environment import Environment, Package
from slurmfix.matchspec import pin, to_pep440
from slurmfix.recipe.messages import (
    BUNDLE_LEFT,
    MPICH,
    ONE_BUILD,
    OTHER_BUILD,
    SAME_MODULE_NAME,
    SIMILAR_NAME,
    TAKEN_FOR_PYPI,
    TWO_OF_ONE_NAME,
    VERSION_READ,
)
from slurmfix.recipe.recipe import Facts, Wishes
from slurmfix.remarks import Phrase, Remark, phrase

_BUNDLES = "anaconda"  # the group of packages that bring many others
R, BUNDLE = "r", "r-bundle-bioconductor"


@dataclass(frozen=True, slots=True)
class Entry:
    """One dependency and the class it ends in.

    `kind` is "python" (target: the PyPI name), "module" (target: the module), "dropped" or "unknown". `specifier` is
    what was asked for, as PEP 440; `line` is what of it goes into the requirements file. `part` is the beginning of the
    module versions that will do. `note` is a sentence for the reviewer.
    """

    name: str
    kind: str
    why: str = ""
    target: str = ""
    specifier: str = ""
    line: str = ""
    extras: tuple[str, ...] = ()
    marker: str = ""
    part: str = ""
    note: str = ""
    found: bool = False  # nobody asked for this version: it is what was installed
    package: bool = False  # a module that carries a Python package, so that its window of Python versions matters
    url: str = ""  # where it comes from, if not from an index
    gpu: bool = False  # asked for in a build for GPUs


def classify(package: Package, environment: Environment, wishes: Wishes, facts: Facts) -> Entry:
    """The class of one dependency, with the reason."""
    if package.url and not _built_by_conda(package.url):
        return _from_address(package, wishes)
    if package.manager == "import":
        return _imported(package, wishes, facts)
    if package.manager == "pip":
        return _of_pip(package, environment, wishes, facts)
    return _conda(package, environment, wishes, facts)


def _of_pip(package: Package, environment: Environment, wishes: Wishes, facts: Facts) -> Entry:
    """A package of pip's own section: the wheelhouse has one build of what PyPI has under several names."""
    pypi = package.pypi or package.name
    plain = knowledge.plain_build(pypi) if _wheelhouse(wishes) and not _real_wheel(pypi, facts) else ""
    entry = _python(package, plain or pypi, environment, wishes, facts)
    return replace(entry, note=ONE_BUILD.about(package=pypi, taken=plain)) if plain else entry


def is_interpreter(package: Package) -> bool:
    """Whether a dependency is Python itself, whose version chooses the Python of the recipe."""
    return package.manager == "conda" and knowledge.normalise(package.name) in ("python", "cpython")


def _built_by_conda(url: str) -> bool:
    """`pip freeze` in a conda environment writes where each package was built; that says nothing about the package."""
    return url.startswith("file:") and bool(
        re.search(r"croot|feedstock_root|conda-bld|/tmp/(?:build|abs_)|/ci_?\d*/", url)
    )


_FROM_A_FOLDER = "it comes from {address}, and a job needs its wheel, which `pip wheel --no-deps` makes on a login node"
_NOT_KNOWN = "slurmfix knows no package of this name, which may be a file of yours"
_CAME_ALONG = "a library that came along with another package (if a program needs it, the module {module})"
_ON_EVERY_NODE = "every node has {programs}, without a module"


_TAKEN = {
    "module": "slurmfix takes the module {name}",
    "python": "slurmfix takes the Python package {name}",
}  # by what a name means; for anything else the package is left out


_BUILDS = {
    "mpi": (re.compile(r"\*?mpi_"), "with MPI"),
    "cuda": (re.compile(r"(?:.*[\W_])?(?:cuda|gpu)"), "for GPUs"),
}


def _taken_for(package: Package, found: knowledge.Trap) -> Remark:
    words = _TAKEN.get(found.means)
    done = phrase(words, name=found.target) if words else phrase("slurmfix leaves this package out")
    return TWO_OF_ONE_NAME.about(package=package.name, done=done, why=Phrase(found.note))


def _of_its_version(package: Package, note: str) -> Remark:
    return VERSION_READ.about(requirement=f"{package.name} {package.version}", why=Phrase(note))


def _of_its_build(package: Package, pypi: str) -> Remark | str:
    """Conda has several builds of a version, and says in the build's name what each is for; the wheelhouse has one."""
    for what, (names, kind) in _BUILDS.items():
        if names.match(package.build) and not knowledge.is_built_for(pypi, what):
            build = package.build.partition("_py")[0]
            return OTHER_BUILD.about(package=package.name, build=build, kind=phrase(kind))
    return ""


def _from_address(package: Package, wishes: Wishes) -> Entry:
    """A package that pip fetches from an address: its wheel is made on a login node, and found by its name."""
    if not package.name or package.url.startswith(("file:", "/", ".")):
        return Entry(package.name or package.url, "unknown", phrase(_FROM_A_FOLDER, address=package.url))
    pypi = knowledge.name_of_repository(package.url) or package.name
    if not _wheelhouse(wishes):
        return Entry(package.name, "python", target=f"{pypi} @ {package.url}", marker=package.marker)
    return Entry(package.name, "python", target=pypi, extras=package.extras, marker=package.marker, url=package.url)


def _imported(package: Package, wishes: Wishes, facts: Facts) -> Entry:
    top = package.name.split(".")[0]
    if top in sys.stdlib_module_names:
        return Entry(package.name, "dropped", phrase("part of Python's standard library"))
    pypi = knowledge.pypi_name_of_import(top)
    if pypi is None and _real_wheel(top, facts):
        pypi = top
    if pypi is None:
        return Entry(package.name, "unknown", phrase(_NOT_KNOWN))
    return _python(package, pypi, Environment(name=""), wishes, facts)


def _conda(package: Package, environment: Environment, wishes: Wishes, facts: Facts) -> Entry:
    if package.name.startswith("__"):
        return _dropped(package, "system", wishes)  # conda's word for what the machine has: __cuda, __glibc, __linux
    name = knowledge.normalise(package.name)
    called = {knowledge.program_module(program) for program in wishes.programs}
    channel = package.channel.rsplit("/", 1)[-1]
    specifier = to_pep440(package.version).specifier
    if found := knowledge.trap(name, channel):
        # bioconda has programs by the names of conda-forge's packages: say which one was taken where it is not told.
        unsaid = not channel and "bioconda" in environment.channels
        entry = _trapped(package, found, environment, wishes, facts, specifier)
        return replace(entry, note=_taken_for(package, found) if unsaid else entry.note)
    if name.startswith("r-") and name != "r-base":
        return _r_package(package, name)
    if name.startswith("bioconductor-"):
        why = phrase("a package of Bioconductor, of which the module r-bundle-bioconductor has many")
        return Entry(package.name, "module", why, BUNDLE)
    if name == "setuptools" and package.version and not environment.export:
        return _python(package, "setuptools", environment, wishes, facts)
    if found_extras := knowledge.extras(name):
        pypi, extras = found_extras
        return _python(
            replace(package, extras=tuple(dict.fromkeys((*package.extras, *extras)))), pypi, environment, wishes, facts
        )
    served = knowledge.conda_module(name)
    if served is None and (base := _base_programs(package, name)):
        return _of_every_node(package, base)
    if note := knowledge.nowhere(name):
        return Entry(package.name, "unknown", Phrase(note))
    if served and (served.use == "program" or served.module in called or _by_hand(environment, served.module)):
        return _module(package, name, served, specifier)
    group = knowledge.dropped(name, patterns=False)
    if group and group != "development":
        return _dropped(package, group, wishes)
    if served and served.module == "cuda":
        return _dropped(package, "cuda", wishes)
    if served:
        return Entry(package.name, "dropped", phrase(_CAME_ALONG, module=served.module))
    return _by_name(package, name, environment, wishes, facts, specifier)


def _module(package: Package, name: str, served: knowledge.CondaModule, specifier: str) -> Entry:
    target, note = _with_mpi(served.module, package), ""
    if name == "mpich":
        # Nothing of the one runs with the other's libraries, and no wheel or module tells what was compiled.
        note = MPICH.about()
    # The version of conda's own compiler binds nobody: what is loaded was compiled with the cluster's.
    specifier = "" if note or target in knowledge.module_families() else specifier
    return Entry(package.name, "module", "", target, specifier, part=served.versions, note=note)


def _by_name(
    package: Package, name: str, environment: Environment, wishes: Wishes, facts: Facts, specifier: str
) -> Entry:
    """The class of a name that no table written by hand decides."""
    if pypi := package.pypi or knowledge.pypi_name(package.name):
        return _python(package, pypi, environment, wishes, facts)
    group = knowledge.dropped(name)
    if group and (group != "development" or _is_a_developers(package, name, wishes)):
        return _dropped(package, group, wishes)
    if _real_wheel(name, facts):
        return _python(package, name, environment, wishes, facts)
    answered = next((full.partition("/")[0] for full in facts.modules.get(name, ())), "")
    if answered and answered != name:
        return Entry(package.name, "module", phrase("the module {module} has it", module=answered), answered)
    if answered or knowledge.is_module(name):
        same = SAME_MODULE_NAME.about(module=name, package=package.name)
        return Entry(package.name, "module", "", name, specifier, note=same)
    if similar := _similar(package, name):
        return similar
    if name.startswith("perl-"):
        kind = "dropped" if environment.export else "unknown"
        return Entry(
            package.name, kind, phrase("a package of Perl, which `cpan` installs into your home with the module perl")
        )
    if environment.export and name.startswith("lib"):
        return _dropped(package, "library", wishes)
    if re.match(r"(?:.*_)?py(?:h|\d)", package.build):  # conda names builds so: pyhd8ed1ab_0, nompi_py311h39e30c8_105
        return _python(package, package.name, environment, wishes, facts)
    if environment.export:  # a person's own list would name what it is for
        return _dropped(package, "library", wishes)
    absent = knowledge.not_on_pypi(name)
    if absent is None and _may_be_python(package, environment, wishes):
        entry = _python(package, package.name, environment, wishes, facts)
        return replace(entry, note=TAKEN_FOR_PYPI.about(package=package.name))
    if absent:
        return Entry(package.name, "unknown", phrase(_NOT_ON_PYPI))
    return Entry(package.name, "unknown", phrase("slurmfix knows no wheel or module of it"))


_NOT_ON_PYPI = "slurmfix knows no wheel or module of it, and PyPI does not have it"


def _similar(package: Package, name: str) -> Entry | None:
    """The class of a name that says a part of a program (fsl-bet2) or its generation (kalign3)."""
    for plain in (name.rstrip("0123456789"), name.partition("-")[0]):
        served = knowledge.conda_module(plain) if plain not in ("", name) else None
        if served and served.use == "program":
            note = SIMILAR_NAME.about(module=served.module, package=package.name)
            return Entry(package.name, "module", "", served.module, part=served.versions, note=note)
    return None


def _may_be_python(package: Package, environment: Environment, wishes: Wishes) -> bool:
    """Whether an unknown name can only be what the job imports: a program would be called, or come from bioconda."""
    if package.channel.rsplit("/", 1)[-1] == "bioconda" or not _wheelhouse(wishes):
        return False
    called = {program.rpartition("/")[2].lower() for program in wishes.programs}
    python = any(
        is_interpreter(each) or each.manager == "pip" or knowledge.wheel_pythons(each.name)
        for each in environment.packages
    )
    return python and package.name.lower() not in called and not package.name.startswith("_")


def _by_hand(environment: Environment, module: str) -> bool:
    """A library is wanted where a person wrote its name; CUDA is not: the wheels find it themselves."""
    return not environment.export and module != "cuda"


def _with_mpi(module: str, package: Package) -> str:
    """Conda tells an MPI build by its build string (`mpi_openmpi_…`), the cluster by the module's name."""
    parallel = f"{module}-mpi"
    return parallel if package.build.lstrip("*").startswith("mpi_") and knowledge.is_module(parallel) else module


def _trapped(
    package: Package, found: knowledge.Trap, environment: Environment, wishes: Wishes, facts: Facts, specifier: str
) -> Entry:
    match found.means:
        case "python":
            return _python(package, found.target, environment, wishes, facts)
        case "module":
            return Entry(package.name, "module", "", found.target, specifier)
        case "base":
            base = knowledge.base_layer(found.target)
            entry = _of_every_node(package, base.programs if base else ())
            return replace(entry, note=_taken_for(package, found))
        case _:
            return _dropped(package, "library", wishes)


def _r_package(package: Package, name: str) -> Entry:
    plain, own = knowledge.r_package(name)
    if own:
        return Entry(package.name, "module", "", R)
    why = phrase(
        'an R package, which `install.packages("{package}")` installs once, on a login node, with the module r',
        package=plain,
    )
    return Entry(package.name, "module", why, R)


def _dropped(package: Package, group: str, wishes: Wishes) -> Entry:
    why = Phrase(knowledge.dropped_because(group, _wheelhouse(wishes)))
    note = BUNDLE_LEFT.about(package=package.name) if group == _BUNDLES and not package.build else ""
    return Entry(package.name, "dropped", why, gpu="cuda" in package.name, note=note)


def _base_programs(package: Package, name: str) -> tuple[str, ...]:
    """The programs of a conda package that every node has; () for a package of Python's that has a wheel."""
    base = knowledge.base_layer(name)
    pypi = package.pypi or knowledge.pypi_name(name) or ""
    pythons = knowledge.standard_environments()[0].pythons
    if base is None or any(version in pythons for version in knowledge.wheel_pythons(pypi)):
        return ()
    return base.programs or (() if pypi else (name,))


def _of_every_node(package: Package, programs: tuple[str, ...]) -> Entry:
    if not programs:
        return Entry(package.name, "dropped", phrase("every node has it, without a module"))
    return Entry(package.name, "dropped", phrase(_ON_EVERY_NODE, programs=", ".join(programs[:3])))


def _python(package: Package, pypi: str, environment: Environment, wishes: Wishes, facts: Facts) -> Entry:
    if _wheelhouse(wishes) and not _any_wheel(pypi, facts) and _is_a_developers(package, pypi, wishes):
        return _dropped(package, "development", wishes)
    group = knowledge.dropped(pypi) if package.manager == "pip" else None
    pinned_setuptools = knowledge.normalise(pypi) == "setuptools" and package.version
    if group in ("installer", "cuda", "platform", "interpreter", "conda", "backport") and not pinned_setuptools:
        return _dropped(package, group, wishes)
    converted = None if package.manager == "pip" else to_pep440(package.version)
    asked = _specifier(package.version) if converted is None else converted.specifier
    if asked is None:
        return Entry(
            package.name, "unknown", phrase("pip cannot read its version `{version}`", version=package.version)
        )
    note = _of_its_version(package, converted.note) if converted and converted.note else ""
    only = knowledge.python_module(pypi)
    if only and _wheelhouse(wishes) and not _real_wheel(pypi, facts):
        why = Phrase(only.why)
        return Entry(package.name, "module", why, only.module, asked, part=only.versions, note=note, package=True)
    if carrier := _carrier(pypi, facts):
        why = phrase("its wheel on this cluster is a dummy, which stops pip")
        return Entry(package.name, "module", why, carrier, note=note, package=True)
    return Entry(
        package.name,
        "python",
        target=pypi,
        specifier=asked,
        line=_line(package, asked, environment, wishes),
        found=environment.export or _only_installed(package, wishes),
        extras=package.extras,
        marker=package.marker,
        note=note or (_of_its_build(package, pypi) if _wheelhouse(wishes) else ""),
        gpu="cuda" in package.build or "gpu" in package.name,
    )


def _is_a_developers(package: Package, pypi: str, wishes: Wishes) -> bool:
    """Whether it is a tool to develop with, which nothing in the job imports or calls."""
    if knowledge.dropped(pypi) != "development":
        return False
    names = {knowledge.normalise(name) for name in (package.name, pypi)}
    used = (*wishes.programs, *(knowledge.pypi_name_of_import(name) or name for name in wishes.imports))
    return not names & {knowledge.normalise(name) for name in used}


def _line(package: Package, asked: str, environment: Environment, wishes: Wishes) -> str:
    """The constraint that goes into the requirements file.

    Where a prefix tells what is installed and nobody asked for a version, the code has been running with the installed
    one: "exact" keeps it, and "compatible" keeps its major version, for the newest may be another library by now
    (numpy 2). What pip installed counts as not asked for, since no record says what pip was told.
    """
    if not _only_installed(package, wishes):
        return pin(asked, wishes.pins, environment.export)
    if package.manager == "pip":
        installed = _specifier(f"=={package.installed}") or ""
    else:
        installed = to_pep440(f"=={package.installed}").specifier
    return pin(installed, wishes.pins, True)


def _only_installed(package: Package, wishes: Wishes) -> bool:
    """Whether the installed version counts, and not one that a person asked for."""
    told = bool(package.version) and package.manager != "pip"
    return bool(package.installed) and (not told or wishes.pins == "exact")


def _wheelhouse(wishes: Wishes) -> bool:
    return knowledge.profile(wishes.profile).wheelhouse


def _real_wheel(pypi: str, facts: Facts) -> bool:
    """Whether the cluster was asked and has a wheel that is no dummy."""
    return any("+dummy" not in version for version in facts.wheels.get(knowledge.normalise(pypi), ()))


def _any_wheel(pypi: str, facts: Facts) -> bool:
    return bool(knowledge.wheel_pythons(pypi)) or _real_wheel(pypi, facts)


def _carrier(pypi: str, facts: Facts) -> str:
    """The module that the cluster named for a package of which it has dummy wheels only; empty for all others."""
    name = knowledge.normalise(pypi)
    if not facts.wheels.get(name) or _real_wheel(pypi, facts):
        return ""
    return next((full.partition("/")[0] for full in facts.modules.get(name, ())), "")


def _specifier(version: str) -> str | None:
    """A pip specifier without local labels (`==2.1.0+cu118` names a wheel of another index), None for nonsense."""
    if not version:
        return ""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    plain = ",".join(part.strip() for part in re.sub(r"\+[A-Za-z0-9.]+", "", version).split(",") if part.strip())
    try:
        SpecifierSet(plain)
    except InvalidSpecifier:
        return None
    return plain
