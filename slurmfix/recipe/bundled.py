"""The recipe of a site whose modules carry Python packages: one toolchain generation, and pip for the rest."""

from __future__ import annotations

import re
from typing import NamedTuple

from slurmfix import knowledge
from slurmfix.knowledge import Generation, Profile
from slurmfix.recipe.classes import Entry, R
from slurmfix.recipe.generation import Fit, fit
from slurmfix.recipe.generation_messages import (
    GENERATION_TAKEN,
    GENERATION_WITHOUT_PYTHON,
    ITS_LOADED,
    ITS_MODULES,
    ITS_PYTHON,
    OLDER_THAN_THE_PYTHON,
    OTHER_GENERATION,
    OTHER_START,
    R_BUNDLE,
)
from slurmfix.recipe.lacking import interpreters, options
from slurmfix.recipe.lines import Line, changed, version_doubts
from slurmfix.recipe.merged import requirement
from slurmfix.recipe.messages import IS_THE_INTERPRETER, OTHER_MODULE, VERSION_MOVED
from slurmfix.recipe.nearest import is_another_major, is_met
from slurmfix.recipe.python import meets
from slurmfix.recipe.recipe import Changed, LeftOut, Recipe
from slurmfix.recipe.request import Request
from slurmfix.recipe.shelf import order
from slurmfix.recipe.strategy import strategy_of, wants_python
from slurmfix.remarks import listed, phrase

_EXACT = re.compile(r"==(\d[\w.]*?)(?:\.\*)?")
_MINOR = re.compile(r"3\.(\d+)")
_FOR_PYTHON = re.compile(r"-Python-(\d+\.\d+)(?![\d])")


def by_generation(request: Request, profile: Profile) -> Recipe:
    """The recipe of the generation that serves a request best, of those that the site has."""
    choice = _chosen(request, profile)
    chosen = choice.fit
    environment, wishes = request.environment, request.wishes
    lines = _lines(chosen)
    requirements = tuple(sorted((requirement(entry) for entry in chosen.rest), key=str.lower))
    lost = (
        *interpreters(environment, phrase(IS_THE_INTERPRETER, module=chosen.interpreter)),
        *_lost(request, chosen, lines),
        *options(environment, wheelhouse=False),
    )
    strategy, reason = strategy_of(environment, wishes, request.entries, lost, requirements, ())
    python = strategy != "modules" or wants_python(environment, request.entries) or bool(chosen.carried)
    names = _names(chosen, profile, python)
    return Recipe(
        environment,
        chosen.generation.python,
        tuple(name for name in names if name not in wishes.loaded),
        requirements,
        tuple(dict.fromkeys(lost)),
        tuple(dict.fromkeys((*environment.doubts, *choice.doubts, *_doubts(request, profile, chosen, lines, names)))),
        strategy,
        reason,
        changed=(*changed(lines), *chosen.programs_changed),
        wheelhouse=False,
        all_modules=names,
        notes=choice.notes,
    )


def _known(profile: Profile) -> tuple[Generation, ...]:
    """The generations of a site, the preferred first; all that the tables know where it names none of these."""
    known = knowledge.generations()
    named = (known.get(text.partition(" ")[0]) for text in profile.generations)
    return tuple(each for each in named if each) or tuple(known.values())[::-1]


class _Choice(NamedTuple):
    """What a generation has of a request, and what is to be said of the choice."""

    fit: Fit
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def _chosen(request: Request, profile: Profile) -> _Choice:
    """The generation that the script loads itself, else the one that serves most, of those with the Python."""
    wishes, known = request.wishes, _known(profile)
    python = wishes.python or ("" if request.asked else wishes.shown or wishes.hint)
    asked = f"=={python}.*" if python else request.asked
    theirs = _theirs(request)
    own = tuple(each for each in known if _is_loaded(each, profile, theirs)) or known
    free = known if not any(each.has(name) for each in own for name in theirs) else own
    meeting = (tuple(each for each in some if meets(each.python, asked)) for some in (own, free))
    pool = next(filter(None, meeting), ()) or _nearest(own, asked)
    fits = [fit(request, each, profile.naming) for each in pool]
    best = min(fits, key=_cost)  # of equals the first one, which the site prefers
    taken, first = best.generation, known[0]
    if not meets(taken.python, asked):
        return _Choice(best, (GENERATION_WITHOUT_PYTHON.about(asked=asked.lstrip("="), taken=taken.python),))
    if taken == first:
        return _Choice(best)
    if taken in own and first not in own:
        loaded = next(name for name in theirs if _is_loaded(taken, profile, (name,)))
        why = phrase(ITS_LOADED, module=loaded)
    else:
        why = phrase(ITS_MODULES) if first in pool else phrase(ITS_PYTHON, asked=asked.lstrip("=").removesuffix(".*"))
    return _Choice(best, (), (GENERATION_TAKEN.about(taken=taken.name, preferred=first.name, why=why),))


def _theirs(request: Request) -> tuple[str, ...]:
    """The modules that the script loads itself, wherever it does."""
    return (*request.wishes.loaded, *request.wishes.later)


def _nearest(known: tuple[Generation, ...], asked: str) -> tuple[Generation, ...]:
    """The generations whose Python is nearest to the one asked for: what ran with it most likely runs there."""
    minor = _MINOR.search(asked)
    if minor is None:
        return known
    away = {each: abs(int(each.python.partition(".")[2]) - int(minor[1])) for each in known}
    return tuple(each for each in known if away[each] == min(away.values()))


def _is_loaded(generation: Generation, profile: Profile, loaded: tuple[str, ...]) -> bool:
    """Whether the script loads a module of a generation, or what stands before all of its modules."""
    return any(map(generation.has, loaded)) or not set(knowledge.loaded_first(profile, generation)).isdisjoint(loaded)


def _cost(found: Fit) -> tuple[int, int, int, int]:
    """The programs without a module, the packages in another major version, then in another version, then for pip."""
    versions = [(entry.line, bundle.packages[knowledge.normalise(entry.target)]) for entry, bundle in found.carried]
    other = sum(is_another_major(line, version) for line, version in versions if line)
    unmet = sum(not is_met(line, (version,)) for line, version in versions)
    return len(found.absent), other, unmet + len(found.programs_changed), len(found.rest)


def _lines(found: Fit) -> tuple[Line, ...]:
    """The packages that modules carry, each with the version that its module has."""
    lines = []
    for entry, bundle in found.carried:
        version = bundle.packages[knowledge.normalise(entry.target)]
        line = Line(entry, (version,), entry.specifier or entry.line)
        if not is_met(entry.line, (version,)):
            line = line.held(
                f"=={version}", phrase("the module {module} has another version", module=found.name(bundle)), told=True
            )
        lines.append(line)
    return tuple(lines)


def _names(found: Fit, profile: Profile, python: bool) -> tuple[str, ...]:
    """The modules in loading order: what the generation stands on, the interpreter, then the others by name."""
    generation = found.generation
    before = knowledge.loaded_first(profile, generation)
    bundles = sorted({bundle.flat: bundle for bundle in found.bundles}.values(), key=lambda each: each.name.lower())
    first = (found.interpreter_bundle,) if python and found.interpreter_bundle else ()
    listed = [each for each in (*first, *bundles) if each]
    if found.naming != "hierarchical":
        return tuple(dict.fromkeys((*before, *map(found.name, listed))))
    ways = [each.ways(generation) for each in listed]
    stands_on = sorted({name for way in ways for name in way[:-1]}, key=(generation.compiler, generation.mpi).index)
    return tuple(dict.fromkeys((*before, *stands_on, *(way[-1] for way in ways))))


def _lost(request: Request, found: Fit, lines: tuple[Line, ...]) -> tuple[LeftOut, ...]:
    """What is not in the requirements file, and why."""
    carried = (
        LeftOut(
            line.entry.name or line.entry.target,
            phrase("the module {module} has it", module=found.name(bundle)),
            "module",
        )
        for line, (_, bundle) in zip(lines, found.carried, strict=True)
    )
    served = (
        LeftOut(entry.name, phrase("the module {module} has it", module=found.name(bundle)), "module")
        for entry, bundle in found.programs
    )
    others = (LeftOut(each.name, each.why, each.kind) for each in request.entries if each.kind == "dropped")
    return (*carried, *served, *found.absent, *found.left_out, *others)


def _doubts(
    request: Request, profile: Profile, found: Fit, lines: tuple[Line, ...], names: tuple[str, ...]
) -> tuple[str, ...]:
    wishes = request.wishes
    notes = (entry.note for entry in request.packages if entry.note)
    libraries = [entry.name for entry, _ in found.programs if _is_of_r(entry)]
    python = found.generation.python
    old = listed([f"`{requirement(entry)}`" for entry in found.rest if _is_older(entry, python)])
    bundle = next((each for entry, each in found.programs if _is_of_r(entry)), None)
    return (
        *notes,
        *version_doubts(lines, python, wishes.pins),
        *([OLDER_THAN_THE_PYTHON.about(lines=old, python=python)] if old else []),
        *(_moved(each) for each in found.programs_changed),
        *([R_BUNDLE.about(module=found.name(bundle), packages=", ".join(libraries))] if bundle else []),
        *_conflicts(_theirs(request), names, found.generation, knowledge.loaded_first(profile, found.generation)),
    )


def _is_older(entry: Entry, python: str) -> bool:
    """Whether the version asked for is from before the first with a wheel for a Python. The list is of another site; it
    tells only where each Python has wheels of its own, whose first version is another one.
    """
    exact, versions = _EXACT.fullmatch(entry.line), knowledge.wheel_versions(entry.target, python)
    if exact is None or not versions or order(exact[1]) >= order(versions[0]):
        return False
    pythons = knowledge.wheel_pythons(entry.target)
    return len({each[0] for python in pythons if (each := knowledge.wheel_versions(entry.target, python))}) > 1


def _moved(change: Changed) -> str:
    taken = f"{change.name} {change.taken.removeprefix('==')}"
    return VERSION_MOVED.about(requirement=f"{change.name}{change.asked}", why=change.why, taken=taken)


def _is_of_r(entry: Entry) -> bool:
    return entry.target == R and bool(entry.why)


def _conflicts(
    loaded: tuple[str, ...], names: tuple[str, ...], generation: Generation, before: tuple[str, ...]
) -> list[str]:
    """The author's modules in another version than ours, and those of another generation."""
    ours = {knowledge.plain_name(name).lower(): name for name in names if name not in before}
    said: list[str] = []
    for theirs in loaded:
        name = ours.get(knowledge.plain_name(theirs).lower())
        if name and "/" in theirs and name != theirs:
            said.append(OTHER_MODULE.about(theirs=theirs, name=name))
        elif _is_like(theirs, before):
            said.append(OTHER_START.about(theirs=theirs, ours=before[0]))
        elif _is_of_another(theirs, generation):
            said.append(OTHER_GENERATION.about(theirs=theirs, name=names[-1] if names else generation.name))
    return said


def _is_of_another(theirs: str, generation: Generation) -> bool:
    """Whether a module names a toolchain of no such generation, or another Python: `OpenCV/4.2.0-Python-3.7.4`."""
    python = _FOR_PYTHON.search(theirs)
    other = python is not None and python[1] != generation.python
    return other or (knowledge.names_toolchain(theirs) and not generation.has(theirs))


def _is_like(theirs: str, before: tuple[str, ...]) -> bool:
    """Whether a module is one of those that come before all others, of another year: `2021` where `2023` is ours."""
    shapes = (re.sub(r"\d+", "0", name) for name in before)
    first = theirs.partition("/")[0]
    starts = knowledge.role_of(first) == "start" and any(name.startswith(f"{first}/") for name in before)
    return theirs not in before and (starts or re.sub(r"\d+", "0", theirs) in shapes)
