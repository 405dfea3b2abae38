"""From an environment to what serves it on the cluster: Python, modules, requirements, and what is left out."""

from slurmfix.recipe.make import make_recipe
from slurmfix.recipe.questions import questions_of
from slurmfix.recipe.recipe import NOT_ASKED, Facts, LeftOut, Questions, Recipe, Wishes
from slurmfix.recipe.requirements import merged_requirements, requirements_text

__all__ = [
    "NOT_ASKED",
    "Facts",
    "LeftOut",
    "Questions",
    "Recipe",
    "Wishes",
    "make_recipe",
    "merged_requirements",
    "questions_of",
    "requirements_text",
]
