"""From an environment to what serves it on the cluster: Python, modules, requirements, and what is left out."""

from slurmfix.recipe.make import make_recipe
from slurmfix.recipe.recipe import NOT_ASKED, Facts, LeftOut, Recipe, Wishes
from slurmfix.recipe.requirements import merged_requirements, requirements_text

__all__ = [
    "NOT_ASKED",
    "Facts",
    "LeftOut",
    "Recipe",
    "Wishes",
    "make_recipe",
    "merged_requirements",
    "requirements_text",
]
