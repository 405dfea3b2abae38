"""What the author's own script loads, and how that goes with the modules of a recipe."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix import knowledge
from slurmfix.knowledge import StandardEnvironment
from slurmfix.recipe.messages import (
    MODULE_IS_A_WHEEL,
    MODULE_OF_THE_NODE,
    MODULE_REPLACED,
    MODULES_LACKING,
    OTHER_MODULE,
    OTHER_VERSIONS,
)
from slurmfix.recipe.python_messages import PYTHON_TOO_OLD
from slurmfix.recipe.recipe import NOT_ASKED
from slurmfix.recipe.shelf import Shelf, order
from slurmfix.remarks import Remark, phrase

_MOST_SHOWN = 6  # versions of a module
_FAIL = phrase("fail")
# What to do where a module is lacking: alone, and among others of its line.
_NAME_HERE = (
    "write `{names}` instead (`module spider {names}` shows its versions)",
    "instead of {theirs} write `{names}`",
)
_IN_ANOTHER = (
    "run `module spider {name}`, since {standards} has this module",
    "for {theirs} run `module spider {name}`, since {standards} has this module",
)
_ANOTHER_NAME = (
    "look for a similar module with `module spider {name}`",
    "for {theirs} look with `module spider {name}`",
)
_BY_PIP = (
    "write {wheel} into the requirements file, since pip installs it here",
    "for {theirs} write {wheel} into the requirements file",
)
_IN_A_VIRTUALENV = (
    "install {wheel} with pip in a virtualenv of the job",
    "for {theirs} install {wheel} with pip in a virtualenv of the job",
)
_CONDA = re.compile(r"conda|mamba|miniforge|[$`]", re.I)  # these go, and what a variable holds is not known


def standard_environment(year: str) -> StandardEnvironment:
    """The standard environment of a year, the default one where no table knows the year."""
    known = knowledge.standard_environments()
    return next((each for each in known if each.year == year), known[0])


def own_environment(loaded: tuple[str, ...], year: str) -> StandardEnvironment:
    """The standard environment that the script loads itself, else that of the year."""
    own = (
        name.partition("/")[2]
        for name in reversed(loaded)
        if name.partition("/")[0].lower() == knowledge.standard_module().lower()
    )
    years = {each.year for each in knowledge.standard_environments()}
    return standard_environment(next((each for each in own if each in years), year))


def own_python(loaded: tuple[str, ...], environment: StandardEnvironment) -> tuple[str, str]:
    """The Python (`3.11`) whose module the script loads, and that of a module which is none of the cluster's; "" each.

    `python/3.11` and `python/3.11.5` are modules, `python/3.11.9` and `python/3.11.5-ours` are not.
    """
    version = next((name.partition("/")[2] for name in loaded if name.startswith("python/")), "")
    short = ".".join(version.split(".")[:2])
    others = knowledge.standard_environments()
    full = next((each.pythons[short] for each in (environment, *others) if short in each.pythons), "")
    is_module = bool(version) and (not full or version in (short, full))
    return (short, "") if is_module else ("", short)


def is_loaded(name: str, loaded: tuple[str, ...]) -> bool:
    """Whether the author's own `module load` brings this module, in the version that we need."""
    plain, _, version = name.partition("/")
    for theirs in loaded:
        other, _, their_version = theirs.partition("/")
        if other != plain:
            continue
        bare = not their_version and plain != "python"  # which Python a bare `module load python` brings is not known
        if bare or not version or their_version == version or _is_that(plain, version, their_version):
            return True
    return False


def _is_that(plain: str, version: str, theirs: str) -> bool:
    """Whether a longer version is the same module: the full version of a Python is known."""
    if plain == "python":
        return any(each.pythons.get(version) == theirs for each in knowledge.standard_environments())
    return bool(theirs) and (theirs.startswith(f"{version}.") or version.startswith(f"{theirs}-"))


def conflicts(asked: tuple[str, ...], loaded: tuple[str, ...], shelf: Shelf) -> tuple[str, ...]:
    """Modules that the author loads in another version than the recipe needs, both sides said; and each module that
    the standard environment does not have, in that version or at all.
    """
    found: list[str] = []
    others: set[str] = set()
    for name in asked:
        plain, _, version = name.partition("/")
        for theirs in loaded:
            other = theirs.partition("/")[0]
            is_other = other == plain and theirs != plain and version and not is_loaded(name, (theirs,))
            if is_other and not _is_no_python(theirs, shelf):
                absent = _is_absent(theirs, shelf) or _others(theirs, shelf)
                said = _replaced(theirs, name, shelf) if absent else OTHER_MODULE.about(theirs=theirs, name=name)
                found.append(said)
                others.add(theirs)  # that it goes says enough of it
    rest = tuple(theirs for theirs in loaded if theirs not in others)
    return (*found, *_no_pythons(asked, loaded, shelf), *lacking(rest, shelf, asked), *_in_other_versions(rest, shelf))


def _no_pythons(asked: tuple[str, ...], theirs: tuple[str, ...], shelf: Shelf) -> Iterator[Remark]:
    """What is said of each module of a Python that the standard environment does not have."""
    taken = next((name.partition("/")[2] for name in asked if name.startswith("python/")), "")
    for module in theirs:
        if _is_no_python(module, shelf):
            version, standard = module.partition("/")[2], shelf.environment.full_name
            yield PYTHON_TOO_OLD.about(version=version, standard=standard, taken=taken, fail=_FAIL)


def _is_no_python(module: str, shelf: Shelf) -> bool:
    plain, _, version = module.partition("/")
    there = shelf.environment.pythons.values()
    return plain == "python" and bool(version) and not any(f"{full}.".startswith(f"{version}.") for full in there)


def lacking_in(theirs: tuple[str, ...], year: str, tree: str) -> tuple[Remark, ...]:
    """What is said of the author's modules where no environment is made: of those that are not there, or in other
    versions only.
    """
    shelf = Shelf(own_environment(theirs, year), tree, NOT_ASKED)
    pythons = ", ".join(sorted(shelf.environment.pythons, key=order))
    no_pythons = (
        OTHER_VERSIONS.about(
            standard=shelf.environment.full_name, modules=each, versions=f"python/{pythons}", fail=_FAIL
        )
        for each in theirs
        if _is_no_python(each, shelf)
    )
    return (*lacking(theirs, shelf, ()), *_in_other_versions(theirs, shelf), *no_pythons)


def lacking(theirs: tuple[str, ...], shelf: Shelf, asked: tuple[str, ...]) -> tuple[Remark, ...]:
    """What is said of each module that the standard environment does not have, with its name here where it has one.
    `asked` are the modules that the new lines load; () where there are no new lines.
    """
    return tuple(_lacks(module, shelf, asked) for module in theirs if _is_absent(module, shelf))


def _lacks(module: str, shelf: Shelf, asked: tuple[str, ...]) -> Remark:
    name, year, standard = module.partition("/")[0], shelf.environment.year, shelf.environment.full_name
    layer = knowledge.base_layer(name)
    if layer is not None and year in layer.years and name in layer.programs:
        return MODULE_OF_THE_NODE.about(standard=standard, modules=module, program=name, fail=_FAIL)
    wheel = knowledge.wheel_of_module(module)
    carrier = knowledge.python_module(wheel) if wheel else None
    if wheel and asked and carrier is None:
        return MODULE_IS_A_WHEEL.about(standard=standard, modules=module, wheel=wheel, fail=_FAIL)
    here = carrier.module if carrier else knowledge.module_meant(module)
    is_standard = here == knowledge.standard_module()
    instead = standard if is_standard else here if here == "python" else _loaded_anyway(here, asked)
    if instead and asked:
        return _replaced(module, instead, shelf)
    words, values = _way(module, here, shelf, "" if carrier else wheel or "", bool(asked))
    alone, among = (phrase(each, theirs=module, **values) for each in words)
    return MODULES_LACKING.about(standard=standard, modules=module, way=alone, short=among, fail=_FAIL)


def _replaced(module: str, instead: str, shelf: Shelf) -> Remark:
    return MODULE_REPLACED.about(standard=shelf.environment.full_name, modules=module, instead=instead, fail=_FAIL)


def _loaded_anyway(here: str, asked: tuple[str, ...]) -> str:
    """What the new lines load of a module, or of its family, of which only one can be loaded; "" for nothing."""
    families = knowledge.module_families()
    family = families.get(here, here)
    return next((name for name in asked if here and families.get(plain := name.partition("/")[0], plain) == family), "")


def _way(module: str, here: str, shelf: Shelf, wheel: str, built: bool) -> tuple[tuple[str, str], dict[str, str]]:
    """What to do where a module is lacking, alone and among others, with the names that the words speak of."""
    name = module.partition("/")[0]
    if wheel:
        return _IN_A_VIRTUALENV, {"wheel": wheel}
    if here and here != knowledge.standard_module() and not shelf.versions(here):
        others = knowledge.standard_environments()
        having = (each.full_name for each in others if knowledge.modules(each.year, shelf.tree).get(here))
        return _IN_ANOTHER, {"standards": ", ".join(having), "name": here}
    if here:
        return _NAME_HERE, {"names": here}
    if built and (by_pip := knowledge.wheel_of_program(name)):
        return _BY_PIP, {"wheel": by_pip}
    return _ANOTHER_NAME, {"name": name}


def _in_other_versions(theirs: tuple[str, ...], shelf: Shelf) -> list[Remark]:
    found = []
    for module in theirs:
        if versions := _others(module, shelf):
            standard = shelf.environment.full_name
            told = f"{module.partition('/')[0]}/{', '.join(_shown(versions, module))}"
            found.append(OTHER_VERSIONS.about(standard=standard, modules=module, versions=told, fail=_FAIL))
    return found


def _shown(versions: list[str], theirs: str) -> list[str]:
    """The versions, all of a few; else the nearest to the author's on both sides and the newest."""
    if len(versions) <= _MOST_SHOWN:
        return versions
    wanted = order(theirs.partition("/")[2])
    below, above = ([v for v in versions if order(v) < wanted], [v for v in versions if order(v) > wanted])
    near = dict.fromkeys((*below[-2:], *above[:2], versions[-1]))
    return ["…", *(version for version in versions if version in near)]


def absent(loaded: tuple[str, ...], shelf: Shelf) -> tuple[str, ...]:
    """The author's modules that the standard environment does not have, in no version or not in theirs."""
    return tuple(theirs for theirs in loaded if _is_absent(theirs, shelf) or _others(theirs, shelf))


def standing(theirs: tuple[str, ...], shelf: Shelf) -> tuple[str, ...]:
    """The author's modules that the standard environment has, without the interpreter."""
    kept = (
        each
        for each in theirs
        if each.partition("/")[0] not in (knowledge.standard_module(), "python") and not _CONDA.search(each)
    )
    return tuple(each for each in kept if not (_is_absent(each, shelf) or _others(each, shelf)))


def _is_absent(theirs: str, shelf: Shelf) -> bool:
    """Whether the standard environment has no module of this name; what is conda's goes with conda."""
    plain = theirs.partition("/")[0]
    if plain == "python" or knowledge.is_untabled(theirs) or _CONDA.search(theirs):
        return False
    return not knowledge.is_module(plain) or not shelf.versions(plain)


def _others(theirs: str, shelf: Shelf) -> list[str]:
    """The versions of the author's module that are there instead of the one that the script loads."""
    plain, _, version = theirs.partition("/")
    if not version or plain == "python" or knowledge.is_untabled(theirs) or not knowledge.is_module(plain):
        return []
    versions = list(dict.fromkeys(entry.version for entry in shelf.versions(plain)))
    is_there = any(entry == version or entry.startswith(f"{version}.") for entry in versions)
    return [] if is_there else versions
