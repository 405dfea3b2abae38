"""Says what to ask the cluster before a recipe is final."""

from __future__ import annotations

import re

from slurmfix import knowledge
from slurmfix.environment import Package
from slurmfix.recipe.recipe import Questions, Recipe, Wishes

_BEHIND_A_NAME = r"[\s\[<>=!~;@]"
_ALWAYS = frozenset({"python", "gcc", "openmpi"})  # the tables know them; no answer changes a recipe


def questions_of(recipe: Recipe, wishes: Wishes) -> Questions:
    """The wheels and modules whose answers can change a recipe that was made without them.

    What the tables do not know is asked for, too: the cluster may have got it since.
    """
    always = _ALWAYS | {knowledge.standard_module()}
    kinds = {out.name: out.kind for out in recipe.left_out}
    wheels = [re.split(_BEHIND_A_NAME, line, maxsplit=1)[0] for line in recipe.requirements]
    modules = [name for full in recipe.modules if (name := full.partition("/")[0]) not in always]
    bare = {knowledge.normalise(re.split(_BEHIND_A_NAME, each.requirement, maxsplit=1)[0]) for each in recipe.prepared}
    for package in recipe.environment.packages:
        pypi, kind = _pypi(package), kinds.get(package.name)
        if knowledge.normalise(package.name) in bare:
            kind = "unknown"
        if kind == "unknown" or (kind == "module" and knowledge.python_module(pypi)):
            wheels.append(pypi)
        if kind == "unknown" and package.manager == "conda" and not package.name.startswith(("r-", "lib", "_")):
            known = knowledge.conda_module(package.name)
            modules.append(known.module if known else knowledge.normalise(package.name))
    wheels += [package.name for package in wishes.installs]
    modules += [module for program in wishes.programs if (module := knowledge.program_module(program))]
    if not knowledge.profile(wishes.profile).wheelhouse:
        wheels = []
    return Questions(tuple(dict.fromkeys(filter(None, wheels))), tuple(dict.fromkeys(modules)))


def _pypi(package: Package) -> str:
    match package.manager:
        case "pip":
            return package.name
        case "import":
            return knowledge.pypi_name_of_import(package.name.split(".")[0]) or ""
        case _:
            return package.pypi or knowledge.pypi_name(package.name) or package.name
