"""R packages of an environment: which need a library of one's own, and which a bundle has."""

from __future__ import annotations

from slurmfix.recipe.classes import BUNDLE, Entry, R
from slurmfix.recipe.messages import BIOCONDUCTOR, ONLY_R_ITSELF


def libraries(entries: tuple[Entry, ...]) -> tuple[str, ...]:
    """The R packages that install.packages() puts into a library, as CRAN's names in small letters."""
    return tuple(dict.fromkeys(entry.name.lower().removeprefix("r-") for entry in _asked(entries, R)))


def r_doubts(entries: tuple[Entry, ...]) -> tuple[str, ...]:
    """What a person should look at, or install once."""
    doubts = []
    if bundled := [entry.name for entry in _asked(entries, BUNDLE)]:
        doubts.append(BIOCONDUCTOR.about(module=BUNDLE, packages=", ".join(bundled)))
    if names := [entry.name for entry in _asked(entries, R)]:
        doubts.append(ONLY_R_ITSELF.about(module=R, packages=", ".join(names)))
    return tuple(doubts)


def _asked(entries: tuple[Entry, ...], module: str) -> list[Entry]:
    """The packages, not the programs, that a module stands for."""
    return [entry for entry in entries if entry.kind == "module" and entry.target == module and entry.why]
