"""R packages of an environment: which need a library of one's own, and which a bundle has."""

from __future__ import annotations

from slurmfix.recipe.classes import BUNDLE, Entry, R


def libraries(entries: tuple[Entry, ...]) -> tuple[str, ...]:
    """The R packages that install.packages() puts into a library, as CRAN's names in small letters."""
    return tuple(dict.fromkeys(entry.name.lower().removeprefix("r-") for entry in _asked(entries, R)))


def r_doubts(entries: tuple[Entry, ...]) -> tuple[str, ...]:
    """What a person should look at, or install once."""
    doubts = []
    if bundled := [entry.name for entry in _asked(entries, BUNDLE)]:
        doubts.append(f"The module {BUNDLE} has many Bioconductor packages: see that it has {', '.join(bundled)}.")
    if names := [entry.name for entry in _asked(entries, R)]:
        said = f"install {', '.join(names)} once on a login node"
        doubts.append(f"The module {R} has no more than R's own packages: {said}.")
    return tuple(doubts)


def _asked(entries: tuple[Entry, ...], module: str) -> list[Entry]:
    """The packages, not the programs, that a module stands for."""
    return [entry for entry in entries if entry.kind == "module" and entry.target == module and entry.why]
