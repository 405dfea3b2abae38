"""Chooses the Python of a recipe, and with it the standard environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from slurmfix import knowledge
from slurmfix.knowledge import StandardEnvironment, standard_environments
from slurmfix.recipe.python_messages import (
    KEPT_BY_PYTHON,
    LOADS_ANOTHER_PYTHON,
    OLD_PYTHON,
    PYTHON_FOR_PACKAGES,
    PYTHON_NOT_LISTED,
    PYTHON_NOT_THERE,
    PYTHON_SHOWN,
    WISHED_PYTHON_ELSEWHERE,
    WISHED_PYTHON_NOWHERE,
)
from slurmfix.remarks import Phrase, listed, phrase

_LAST_PATCH = 30
_MINORS = tuple(f"{major}.{minor}" for major, last in ((2, 7), (3, 29)) for minor in range(last + 1))


@dataclass(frozen=True, slots=True)
class Python:
    """A Python version, the standard environment that has it, and sentences for the reviewer."""

    version: str
    environment: StandardEnvironment
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who wants which Python: `asked` is the environment's own constraint as PEP 440, `wish` the user's version,
    `loaded` that of the module which the script loads itself, `shown` what a path or a call of the script tells,
    `foreign` what a module tells that is none of the cluster's, `hint` what only a comment or a name tells (`hinted`).
    """

    asked: str = ""
    wish: str = ""
    loaded: str = ""
    shown: str = ""
    foreign: str = ""
    hint: str = ""
    hinted: str = ""  # words of a phrase

    @property
    def where(self) -> str:
        """Where the Python that is asked for stands."""
        if self.asked:
            return phrase("of the environment")
        return phrase("in the script") if self.foreign or self.shown else self.hinted


@dataclass(frozen=True, slots=True)
class Supply:
    """What one Python lacks: `hindrances` are modules and packages that are there for other Pythons only, `unmet` the
    requirements of which it has wheels, but none of the version that is asked for; `pinned` are those of these that a
    person asked for, `other_major` those of the pinned that would even become another major version.
    """

    hindrances: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    other_major: tuple[str, ...] = ()


Supplies = Mapping[tuple[str, str], Supply]  # by standard environment (its year) and Python


def choose_python(wanted: Wanted, environment: StandardEnvironment, supplies: Supplies) -> Python:
    """The Python of a recipe: the one that meets most lines, of those that the environment's author allows."""
    if wanted.wish:
        return _wished(wanted.wish, environment)
    asked, doubts = _asked(wanted)
    current = tuple(environment.pythons)
    meeting = tuple(version for version in current if meets(version, asked))
    loaded = wanted.loaded
    if loaded in current and asked and not meets(loaded, asked):
        doubts.append(LOADS_ANOTHER_PYTHON.about(loaded=loaded, asked=spoken(asked)))
    elif loaded in meeting:
        meeting = (loaded,)
    if not meeting:
        return _replaced(wanted, asked, environment, supplies, doubts)
    best = min(meeting, key=lambda version: _cost(supplies, environment, version))
    supply = supplies[environment.year, best]
    if supply.hindrances and asked:
        best = _unhindered(best, asked, environment, supplies, doubts)
    elif loaded != best:
        doubts += _better(best, asked, environment, supplies) or _kept_elsewhere(best, asked, environment, supplies)
    return Python(best, environment, tuple(doubts))


def _asked(wanted: Wanted) -> tuple[str, list[str]]:
    """What is asked for: what the script shows counts where the environment itself names no Python."""
    shown = wanted.foreign or wanted.shown or ("" if wanted.asked else wanted.hint)
    if not shown:
        return wanted.asked, []
    if not wanted.asked:
        return f"=={shown}.*", []
    if wanted.foreign or meets(shown, wanted.asked):
        return wanted.asked, []  # of a module that is not there more is said
    return wanted.asked, [PYTHON_SHOWN.about(shown=shown, asked=spoken(wanted.asked))]


def _cost(supplies: Supplies, environment: StandardEnvironment, version: str) -> tuple[int, int, int]:
    """The fewest hindrances, then the fewest versions that no wheel meets, and of these the fewest that would become
    another major version; of equals the first one, the preferred.
    """
    supply = supplies[environment.year, version]
    return len(supply.hindrances), len(supply.unmet), len(supply.other_major)


@lru_cache(maxsize=1_000)
def meets(version: str, specifier: str) -> bool:
    """Whether some release of Python X.Y meets a specifier: a pin to a patch release means its minor release here."""
    if not specifier:
        return True
    from packaging.specifiers import SpecifierSet

    wanted = SpecifierSet(specifier)
    return any(wanted.contains(f"{version}.{patch}") for patch in range(_LAST_PATCH))


def _wished(wish: str, environment: StandardEnvironment) -> Python:
    wish = ".".join(wish.split(".")[:2])
    for each in (environment, *standard_environments()):
        if wish not in each.pythons:
            continue
        said = WISHED_PYTHON_ELSEWHERE.about(python=wish, standard=each.full_name, standing=Phrase(each.standing))
        return Python(wish, each, () if each.year == environment.year else (said,))
    have = ", ".join(sorted(environment.pythons, key=_number))
    return Python(
        wish, environment, (WISHED_PYTHON_NOWHERE.about(python=wish, standard=environment.full_name, have=have),)
    )


def _replaced(
    wanted: Wanted, asked: str, environment: StandardEnvironment, supplies: Supplies, doubts: list[str]
) -> Python:
    """Where no Python of the standard environment meets the constraint: the one that meets most lines, else the
    nearest newer one; Python 2 is another language.
    """
    elsewhere = _elsewhere(asked, environment)
    if elsewhere and _is_another_language(asked):
        version, other = elsewhere
        said = OLD_PYTHON.about(
            python=version, standard=other.full_name, standing=Phrase(other.standing), where=wanted.where
        )
        return Python(version, other, (*doubts, said))
    old = tuple(version for version in _MINORS if meets(version, asked))
    current = sorted(environment.pythons, key=_number)
    newer = [version for version in current if not old or _number(version) > _number(old[-1])] or current[-1:]
    chosen = min(newer, key=lambda version: _cost(supplies, environment, version))
    if wanted.asked or not wanted.foreign:
        said = PYTHON_NOT_THERE.about(
            asked=spoken(asked), standard=environment.full_name, taken=chosen, where=wanted.where
        )
        doubts.append(said)
    doubts += _kept_elsewhere(chosen, asked, environment, supplies)
    return Python(chosen, environment, tuple(doubts))


def _is_another_language(asked: str) -> bool:
    return {version[0] for version in _MINORS if meets(version, asked)} == {"2"}


def _elsewhere(asked: str, environment: StandardEnvironment) -> tuple[str, StandardEnvironment] | None:
    """The newest Python that meets a constraint in another standard environment than this one."""
    for each in standard_environments():
        found = [version for version in each.pythons if meets(version, asked)]
        if found and each.year != environment.year:
            return max(found, key=_number), each
    return None


def _kept_elsewhere(chosen: str, asked: str, environment: StandardEnvironment, supplies: Supplies) -> list[str]:
    """The option for a Python of another standard environment, which has more of the versions that a person pinned."""
    mine = supplies[environment.year, chosen]
    others = {
        version: supply
        for (year, version), supply in supplies.items()
        if year != environment.year and (meets(version, asked) or not meets(chosen, asked))
    }
    if not others:
        return []
    version = min(others, key=lambda each: (len(others[each].hindrances), len(others[each].pinned), each))
    there = others[version]
    lacking = {*there.pinned, *there.hindrances}
    more = mine.pinned if len(there.pinned) < len(mine.pinned) else mine.other_major
    kept = [name for name in more if name not in lacking]
    if not kept:
        return []
    standard = next(each for each in standard_environments() if version in each.pythons)
    return [KEPT_BY_PYTHON.about(packages=some(kept), python=version, standard=standard.full_name)]


def _better(chosen: str, asked: str, environment: StandardEnvironment, supplies: Supplies) -> list[str]:
    """The option for another Python of the same standard environment, which has wheels of more of the versions."""
    unmet = supplies[environment.year, chosen].unmet
    if not unmet or not asked:
        return []
    other = min(environment.pythons, key=lambda version: _cost(supplies, environment, version))
    kept = [name for name in unmet if name not in supplies[environment.year, other].unmet]
    if len(supplies[environment.year, other].unmet) >= len(unmet):
        return []
    return [KEPT_BY_PYTHON.about(packages=some(kept), python=other, standard=environment.full_name)]


def _unhindered(best: str, asked: str, environment: StandardEnvironment, supplies: Supplies, doubts: list[str]) -> str:
    """Where something is there for other Pythons only: the nearest one that serves most."""
    least = min(len(supplies[environment.year, version].hindrances) for version in environment.pythons)
    free = [version for version in environment.pythons if len(supplies[environment.year, version].hindrances) == least]
    hindrances = supplies[environment.year, best].hindrances
    if len(hindrances) <= least:
        return best
    chosen = min(free, key=lambda version: (abs(_number(version)[1] - _number(best)[1]), _number(version)))
    gone = [name for name in hindrances if name not in supplies[environment.year, chosen].hindrances]
    doubts.append(PYTHON_FOR_PACKAGES.about(asked=spoken(asked), packages=some(gone), taken=chosen))
    return chosen


def is_listed(asked: str) -> bool:
    """Whether the list of wheels speaks of some Python that meets a constraint."""
    return any(meets(version, asked) for version in knowledge.listed_pythons())


def on_the_list(python: Python, asked: str) -> Python:
    """The next Python of the standard environment that the list of wheels speaks of; Python 2 is another language."""
    known, version = knowledge.listed_pythons(), python.version
    later = [each for each in python.environment.pythons if each in known and _number(each) > _number(version)]
    if version not in known and later and not version.startswith("2"):
        version = min(later, key=_number)
    if meets(version, asked):
        return python
    return Python(
        version, python.environment, (*python.doubts, PYTHON_NOT_LISTED.about(asked=spoken(asked), taken=version))
    )


def spoken(asked: str) -> str:
    """A constraint as a person says it: `==3.8.*` is 3.8."""
    return asked.removeprefix("==").removesuffix(".*") if "," not in asked else asked


def some(names: tuple[str, ...] | list[str]) -> str:
    """The first few of many names."""
    return listed(names)


def _number(version: str) -> tuple[int, int]:
    major, _, minor = version.partition(".")
    return int(major), int(minor or 0)
