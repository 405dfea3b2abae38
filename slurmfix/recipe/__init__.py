"""From an environment to what serves it on the cluster: Python, modules, requirements, and what is left out."""

from slurmfix.recipe.author import lacking_in
from slurmfix.recipe.image import ImageRecipe, for_image, guessed, image_recipe, provided
from slurmfix.recipe.lines import WHEELS
from slurmfix.recipe.make import make_recipe
from slurmfix.recipe.moved import Moved, moved_modules
from slurmfix.recipe.questions import questions_of
from slurmfix.recipe.recipe import NOT_ASKED, Changed, Facts, LeftOut, Prepared, Questions, Recipe, Wishes
from slurmfix.recipe.requirements import merged_requirements, requirements_text, somebody_filled

__all__ = [
    "NOT_ASKED",
    "WHEELS",
    "Changed",
    "Facts",
    "ImageRecipe",
    "LeftOut",
    "Moved",
    "Prepared",
    "Questions",
    "Recipe",
    "Wishes",
    "for_image",
    "guessed",
    "image_recipe",
    "lacking_in",
    "make_recipe",
    "merged_requirements",
    "moved_modules",
    "provided",
    "questions_of",
    "requirements_text",
    "somebody_filled",
]
