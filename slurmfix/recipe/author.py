"""What the author's own script loads, and how that goes with the modules of a recipe."""

from __future__ import annotations

import re

from slurmfix import knowledge
from slurmfix.knowledge import StandardEnvironment
from slurmfix.recipe.messages import MODULES_LACKING, OTHER_MODULE, OTHER_VERSIONS
from slurmfix.recipe.shelf import Shelf
from slurmfix.remarks import phrase

_STANDARD = "StdEnv"
_CONDA = re.compile(r"conda|mamba|miniforge|[$`]", re.I)  # these go, and what a variable holds is not known


def standard_environment(year: str) -> StandardEnvironment:
    """The standard environment of a year, the default one where no table knows the year."""
    known = knowledge.standard_environments()
    return next((each for each in known if each.year == year), known[0])


def own_environment(loaded: tuple[str, ...], year: str) -> StandardEnvironment:
    """The standard environment that the script loads itself, else that of the year."""
    own = (name.partition("/")[2] for name in reversed(loaded) if name.partition("/")[0].lower() == _STANDARD.lower())
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
    for name in asked:
        plain, _, version = name.partition("/")
        for theirs in loaded:
            other = theirs.partition("/")[0]
            if other == plain and theirs != plain and version and not is_loaded(name, (theirs,)):
                found.append(OTHER_MODULE.about(theirs=theirs, name=name))
    others = [said for theirs in loaded if (said := _in_other_versions(theirs, shelf))]
    year = shelf.environment.year
    absent = [said for theirs in loaded if (said := _not_there(theirs))]
    found += [MODULES_LACKING.about(year=year, modules=said) for said in absent]
    found += [OTHER_VERSIONS.about(year=year, modules=said) for said in others]
    return tuple(found)


def absent(loaded: tuple[str, ...], shelf: Shelf) -> tuple[str, ...]:
    """The author's modules that the standard environment does not have, in no version or not in theirs."""
    return tuple(theirs for theirs in loaded if _not_there(theirs) or _in_other_versions(theirs, shelf))


def _not_there(theirs: str) -> str:
    """A module that no standard environment has, with its name here where it has one."""
    plain = theirs.partition("/")[0]
    if knowledge.is_module(plain) or plain in ("python", _STANDARD) or _CONDA.search(theirs):
        return ""
    here = knowledge.module_here(plain)
    return phrase("{module} (here: {name})", module=theirs, name=here) if here else theirs


def _in_other_versions(theirs: str, shelf: Shelf) -> str:
    plain, _, version = theirs.partition("/")
    if not version or plain in ("python", _STANDARD) or not knowledge.is_module(plain):
        return ""
    versions = list(dict.fromkeys(entry.version for entry in shelf.versions(plain)))
    if any(entry == version or entry.startswith(f"{version}.") for entry in versions):
        return ""
    if not versions:
        return phrase("{module} (there: none)", module=theirs)
    return phrase("{module} (there: {versions})", module=theirs, versions=", ".join(versions[-4:]))
