"""Where an environment goes: into a virtualenv, to modules alone, or into an Apptainer image."""

from __future__ import annotations

from slurmfix import knowledge
from slurmfix.environment import Environment
from slurmfix.recipe.classes import Entry, is_interpreter
from slurmfix.recipe.python import some
from slurmfix.recipe.recipe import LeftOut, Wishes
from slurmfix.remarks import phrase


def strategy_of(
    environment: Environment,
    wishes: Wishes,
    entries: tuple[Entry, ...],
    lost: tuple[LeftOut, ...],
    requirements: tuple[str, ...],
    libraries: tuple[str, ...],
) -> tuple[str, str]:
    """The strategy, and a sentence that says why."""
    if wishes.to != "auto":
        return wishes.to, phrase("{tool} was asked for", tool=wishes.to)
    tool = knowledge.profile(wishes.profile).image_tool
    called = {knowledge.normalise(program.rpartition("/")[2]) for program in wishes.programs}
    unknown = [out.name for out in lost if out.kind == "unknown"]
    if programs := [name for name in unknown if knowledge.normalise(name) in called]:
        return tool, phrase(
            "the job calls {programs}, which neither a module nor pip provides", programs=some(programs)
        )
    if nowhere := _nowhere(environment, unknown):
        return tool, phrase(_NOWHERE, packages=some(nowhere))
    if not requirements and not environment.guess and libraries:
        return "modules", phrase("the module r and a library of your own provide {packages}", packages=some(libraries))
    if not requirements and not environment.guess:
        return "modules", phrase("modules provide all that the environment asks for")
    if environment.guess and not requirements:
        return "virtualenv", phrase("slurmfix found no list of its packages, so its virtualenv stays empty")
    if any(entry.kind == "module" for entry in entries):
        return "virtualenv", phrase("wheels and modules provide what the environment asks for")
    return "virtualenv", phrase("wheels provide what the environment asks for")


_NOWHERE = "the environment asks for {packages}, which neither a module nor pip provides"


def _nowhere(environment: Environment, unknown: list[str]) -> tuple[str, ...]:
    """What a person asked conda for and nothing on the cluster serves: a program by another name than its package's, or
    a package of Perl's. In a full listing it may only have come along; what pip cannot fetch, an image cannot either.
    """
    if environment.guess or environment.export:
        return ()
    lost = set(unknown)
    asked = {package.name: package for package in environment.packages if package.manager == "conda"}
    return tuple(name for name, package in asked.items() if name in lost and not package.url and not package.pypi)


def wants_python(environment: Environment, entries: tuple[Entry, ...]) -> bool:
    """Whether the environment asks for Python, or for a Python package that a module carries."""
    return any(map(is_interpreter, environment.packages)) or any(entry.package for entry in entries) or not entries
