"""R packages live in a library of one's own, which a person fills once and the job points to (wiki, page R)."""

from __future__ import annotations

import json
import re

from slurmfix.plan.step import Site
from slurmfix.recipe import Recipe
from slurmfix.templates import render


def library_commands(recipe: Recipe, site: Site) -> tuple[str, ...]:
    """What fills the library, once, on a login node; () where no R package is asked for. Raises TemplateFailed.

    conda writes all names in small letters and CRAN does not, so the names are looked up there.
    """
    names = [name for name in recipe.libraries if re.fullmatch(r"[a-z][a-z0-9._]*", name)]
    if not names or not site.modules:
        return ()
    wanted = ", ".join(json.dumps(name) for name in names)
    return render("install_r_packages", site.templates, modules=recipe.modules, names=wanted)


def library_lines(recipe: Recipe, site: Site) -> list[str]:
    """What the job says of the library after its modules. Raises TemplateFailed."""
    return list(render("r_library", site.templates)) if recipe.libraries and site.modules else []
