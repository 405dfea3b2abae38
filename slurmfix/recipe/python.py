"""Chooses the Python of a recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from slurmfix import knowledge

# The wiki's own examples use 3.11; its neighbours have the most wheels after it.
PREFERRED = ("3.11", "3.12", "3.10", "3.13", "3.14")
_LAST_PATCH = 30


@dataclass(frozen=True, slots=True)
class Python:
    """A Python version, the standard environment that has it, and sentences for the reviewer."""

    version: str
    stdenv: str
    doubts: tuple[str, ...] = ()


def choose_python(
    asked: str,
    wish: str | None,
    loaded: str | None,
    hindrances: Callable[[str], tuple[str, ...]],
    missing: Callable[[str], int],
) -> Python:
    """The Python of a recipe.

    `asked` is the environment's own constraint as PEP 440, `wish` the user's version, `loaded` that of the module which
    the script loads itself. `hindrances` names the modules that have nothing for a version; `missing` counts the wheels
    that it lacks.
    """
    if wish:
        return _wished(wish)
    current = knowledge.pythons("2023")
    meeting = tuple(version for version in current if meets(version, asked))
    doubts: list[str] = []
    if loaded and asked and not meets(loaded, asked):
        doubts.append(
            f"The script loads python/{loaded}, the environment asks for Python {asked}: the environment's is taken."
        )
    elif loaded in current and not asked:
        return Python(str(loaded), "2023")
    elif loaded in meeting:
        meeting = (str(loaded),)
    elif loaded and loaded not in current:
        doubts.append(f"The script loads python/{loaded}, for which no wheels are built any more; take that line out.")
    if not meeting:
        return _replaced(asked, current, hindrances, doubts)
    best = _best(sorted(meeting, key=PREFERRED.index), hindrances, missing)
    if not hindrances(best) or not asked:
        return Python(best, "2023", tuple(doubts))
    return _for_modules(best, asked, current, hindrances, doubts)


def _best(versions: list[str], hindrances: Callable[[str], tuple[str, ...]], missing: Callable[[str], int]) -> str:
    """The version with the fewest hindrances, then the fewest wheels that it lacks; of equals the first."""
    costs: list[tuple[int, int]] = []
    for version in versions:
        costs.append((len(hindrances(version)), missing(version)))
        if costs[-1] == (0, 0):
            return version
    return versions[costs.index(min(costs))]


@lru_cache(maxsize=1_000)
def meets(version: str, specifier: str) -> bool:
    """Whether some release of Python X.Y meets a specifier: a pin to a patch release means its minor release here."""
    if not specifier:
        return True
    from packaging.specifiers import SpecifierSet

    wanted = SpecifierSet(specifier)
    return any(wanted.contains(f"{version}.{patch}") for patch in range(_LAST_PATCH))


def _wished(wish: str) -> Python:
    wish = ".".join(wish.split(".")[:2])
    for stdenv in ("2023", "2020"):
        if wish in knowledge.pythons(stdenv):
            old = (f"Python {wish} is only in StdEnv/2020; wheels for it are no longer built: see `avail_wheels`.",)
            return Python(wish, stdenv, old if stdenv == "2020" else ())
    have = ", ".join(knowledge.pythons("2023"))
    return Python(wish, "2023", (f"No standard environment has Python {wish}; StdEnv/2023 has {have}.",))


def _replaced(
    asked: str, current: tuple[str, ...], hindrances: Callable[[str], tuple[str, ...]], doubts: list[str]
) -> Python:
    """Where no current Python meets the constraint: the nearest newer one; Python 2 is another language."""
    if meets("2.7", asked) and not any(meets(version, asked) for version in _all_minors() if version[0] == "3"):
        said = "The environment is for Python 2.7, which only StdEnv/2020 has; its wheels are old: see `avail_wheels`."
        return Python("2.7", "2020", (*doubts, said))
    old = tuple(version for version in _all_minors() if meets(version, asked))
    newer = tuple(version for version in current if not old or _number(version) > _number(old[-1])) or current[-1:]
    chosen = min(newer, key=lambda version: (len(hindrances(version)), _number(version)))
    said = (
        f"The environment asks for Python {asked}; wheels are only built for {current[0]} to {current[-1]}, "
        f"so python/{chosen} is taken, the nearest: what was pinned for the old one may have no wheel."
    )
    return Python(chosen, "2023", (*doubts, said))


def _for_modules(
    best: str, asked: str, current: tuple[str, ...], hindrances: Callable[[str], tuple[str, ...]], doubts: list[str]
) -> Python:
    """Where a module's window excludes the Python asked for: the nearest one that all modules serve."""
    free = tuple(version for version in current if not hindrances(version))
    if not free:
        return Python(best, "2023", tuple(doubts))
    chosen = min(free, key=lambda version: (abs(_number(version)[1] - _number(best)[1]), _number(version)))
    modules = " and ".join(hindrances(best))
    said = f"The environment asks for Python {asked}, but not so {modules} (a module): python/{chosen} is the nearest."
    return Python(chosen, "2023", (*doubts, said))


def _all_minors() -> tuple[str, ...]:
    return ("2.6", "2.7", *(f"3.{minor}" for minor in range(20)))


def _number(version: str) -> tuple[int, int]:
    major, _, minor = version.partition(".")
    return int(major), int(minor or 0)
