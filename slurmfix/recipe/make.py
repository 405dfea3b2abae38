"""Makes the recipe: classifies, chooses Python and modules, meets each line with a wheel, and says how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from slurmfix import knowledge
from slurmfix.environment import Environment
from slurmfix.knowledge import Profile, StandardEnvironment
from slurmfix.recipe.author import absent, conflicts, is_loaded, own_environment, own_python, standing
from slurmfix.recipe.bundled import by_generation
from slurmfix.recipe.classes import Entry, classify, is_interpreter
from slurmfix.recipe.generation_messages import PROFILE_NOT_CHECKED
from slurmfix.recipe.lacking import interpreters, left_out, options
from slurmfix.recipe.lines import Line, wheels_of
from slurmfix.recipe.merged import merge
from slurmfix.recipe.messages import (
    FROM_ANOTHER_YEAR,
    IS_THE_INTERPRETER,
    PIP_NOT_SERVED,
    PIP_OTHER_NAME,
    PIP_OTHER_VERSION,
    PIP_TAKES_A_FILE,
    PIP_WITHOUT_MODULE,
    PIP_WITHOUT_WHEEL,
    PROGRAM_BY_MODULE,
    PYTHON_OF_THE_CLUSTER,
    SPECIAL_BUILD,
    STANDARD_BELOW,
)
from slurmfix.recipe.modules import Loading, choose_all, serves
from slurmfix.recipe.nearest import is_another_major, is_met, nearest
from slurmfix.recipe.needs import WheelNeeds, all_modules
from slurmfix.recipe.packages import Packages, from_wheelhouse, without_wheelhouse
from slurmfix.recipe.python import Python, Supply, Wanted, choose_python, is_listed, meets, on_the_list
from slurmfix.recipe.r_packages import libraries, r_doubts
from slurmfix.recipe.recipe import NO_WISHES, NOT_ASKED, Facts, LeftOut, Need, Recipe, Wishes
from slurmfix.recipe.request import Request
from slurmfix.recipe.shelf import Shelf
from slurmfix.recipe.strategy import strategy_of, wants_python
from slurmfix.remarks import Phrase, Remark, listed, phrase


def make_recipe(environment: Environment, wishes: Wishes = NO_WISHES, facts: Facts = NOT_ASKED) -> Recipe:
    """Choose Python, modules and requirements for an environment.

    Raises UnknownProfile (a ValueError) for a profile that does not exist.
    """
    profile = knowledge.profile(wishes.profile)
    entries = tuple(
        classify(package, environment, wishes, facts) for package in environment.packages if not is_interpreter(package)
    )
    later = tuple(classify(package, environment, wishes, facts) for package in wishes.installs if profile.wheelhouse)
    recipe = _supplied(Request(environment, wishes, facts, profile.tree, entries, later), profile)
    said = PROFILE_NOT_CHECKED.about(profile=profile.name)
    return recipe if profile.checked else replace(recipe, doubts=(*recipe.doubts, said))


def _supplied(request: Request, profile: Profile) -> Recipe:
    """The recipe from what the site has: a standard environment with its wheels, toolchain generations, or neither."""
    if profile.stdenv:
        return _on_the_cluster(request, own_environment(request.wishes.loaded, profile.stdenv), profile.stdenv)
    return by_generation(request, profile) if profile.naming else _elsewhere(request)


def _elsewhere(request: Request) -> Recipe:
    """The recipe for a cluster of which neither modules nor wheels are known."""
    environment, wishes = request.environment, request.wishes
    entries = tuple(_without_modules(entry) for entry in request.entries)
    python = wishes.python or _plain_version(request.asked) or knowledge.standard_environments()[0].python
    packages = without_wheelhouse(tuple(entry for entry in entries if entry.kind == "python"), python)
    lost = (
        *interpreters(environment, phrase("what the job finds as python3 is the interpreter")),
        *(LeftOut(entry.name, entry.why, entry.kind) for entry in entries if entry.kind != "python"),
        *packages.left_out,
        *options(environment, wheelhouse=False),
    )
    said = PYTHON_OF_THE_CLUSTER.about(python=python)
    strategy, reason = strategy_of(environment, wishes, entries, lost, packages.requirements, ())
    doubts = (*environment.doubts, said, *(entry.note for entry in entries if entry.note), *packages.doubts)
    return Recipe(
        environment,
        python,
        (),
        packages.requirements,
        _once(lost),
        tuple(dict.fromkeys(doubts)),
        strategy,
        reason,
        wheelhouse=False,
    )


def _on_the_cluster(request: Request, standard: StandardEnvironment, usual: str) -> Recipe:
    environment, wishes, facts = request.environment, request.wishes, request.facts
    python = _older(request, standard) or _python(request, standard)
    standard, shelf = python.environment, request.shelf(python.environment)
    asked = request.modules(shelf)
    wheels = WheelNeeds(shelf, python.version, wishes.pins, facts, {need.module: need for need in asked})
    packages = from_wheelhouse(request.packages, environment, wheels, wishes, facts)
    later = from_wheelhouse(merge(request.installed), environment, wheels, wishes, facts)
    needs = all_modules(asked, (*packages.needs, *later.needs), wishes)
    loading = choose_all(needs, shelf, python.version, wishes.loaded)
    if carried := tuple(_carried(loading)):
        packages = from_wheelhouse(request.packages, environment, replace(wheels, carried=carried), wishes, facts)
    wanted = (standard.full_name, f"python/{python.version}", *loading.modules)
    own = tuple(dict.fromkeys((*wishes.loaded, *wishes.later)))
    lost = (
        *interpreters(environment, phrase(IS_THE_INTERPRETER, module=f"python/{python.version}")),
        *left_out(environment, request.entries, loading, shelf),
        *packages.left_out,
    )
    r_libraries = libraries(request.entries)
    strategy, reason = strategy_of(environment, wishes, request.entries, lost, packages.requirements, r_libraries)
    doubts = (
        *python.doubts,
        *(entry.note for entry in request.entries if entry.note and entry.kind != "python"),
        *r_doubts(request.entries),
        *_of_modules(request, loading),
        *conflicts(wanted, own, shelf),
        *_standard_below(request, shelf, usual),
        *packages.doubts,
        *_installed_later(request, later, loading, standard),
    )
    return Recipe(
        environment,
        python.version,
        _to_load(request, wanted, strategy),
        packages.requirements,
        _once(lost),
        tuple(dict.fromkeys((*environment.doubts, *doubts))),
        strategy,
        reason,
        r_libraries,
        packages.changed,
        packages.prepared,
        absent=absent(own, shelf),
    )


def _to_load(request: Request, wanted: tuple[str, ...], strategy: str) -> tuple[str, ...]:
    """The modules that the job does not load by itself; no interpreter where modules are all and none asks for one."""
    modules = tuple(name for name in wanted if not is_loaded(name, request.wishes.loaded))
    if strategy == "modules" and not wants_python(request.environment, request.entries):
        return tuple(name for name in modules if knowledge.role_of(name) != "interpreter")
    return modules


def _carried(loading: Loading) -> Iterator[Line]:
    """The packages of the modules that are loaded to whose versions others are held."""
    for choice in loading.choices:
        packages = choice.version.packages if choice.version is not None and choice.need.package else {}
        for name, version in packages.items():
            if knowledge.companions(name):
                yield Line(Entry(name, "python", target=name), (version,), "")


def _of_modules(request: Request, loading: Loading) -> Iterator[str]:
    """What is doubtful of the modules; a module for what the job calls, and the list of a known environment lacks."""
    # (What runs images is on no list of an environment.)
    listed = {entry.name for entry in request.entries} | {"apptainer", "singularity"}
    for choice in loading.choices:
        yield from choice.doubts
        program = choice.need.by
        called = program in request.wishes.programs and program not in listed
        if choice.version is None or not called:
            continue
        module = f"{choice.need.module}/{choice.version.version}"
        if build := knowledge.special_build(program):
            yield SPECIAL_BUILD.about(program=program, module=module, build=Phrase(build))
        elif not request.environment.guess:
            yield PROGRAM_BY_MODULE.about(program=program, module=module)


def _standard_below(request: Request, shelf: Shelf, usual: str) -> Iterator[Remark]:
    """That another standard environment than the usual one is loaded behind modules of the author's."""
    year, theirs = shelf.environment.year, standing(request.wishes.loaded, shelf)
    if theirs and year != usual and not _is_own(shelf.environment, request.wishes.loaded):
        yield STANDARD_BELOW.about(standard=shelf.environment.full_name, modules=listed(theirs))


def _once(lost: tuple[LeftOut, ...]) -> tuple[LeftOut, ...]:
    return tuple(dict.fromkeys(lost))


def _python(request: Request, standard: StandardEnvironment) -> Python:
    wishes = request.wishes
    loaded, foreign = own_python(wishes.loaded, standard)
    wanted = Wanted(request.asked, wishes.python or "", loaded, wishes.shown, foreign, wishes.hint, wishes.hinted)
    if wanted.wish:
        return choose_python(wanted, standard, {})
    supplies = {(standard.year, version): _supply(request, standard, version) for version in standard.pythons}
    if any(supply.pinned for supply in supplies.values()):
        for other in knowledge.standard_environments():
            for version in set(other.pythons) - set(standard.pythons):
                supplies[other.year, version] = _supply(request, other, version)
    return choose_python(wanted, standard, supplies)


def _supply(request: Request, standard: StandardEnvironment, python: str) -> Supply:
    """What a Python of a standard environment lacks of what is asked for."""
    shelf = request.shelf(standard)
    modules = [need.module for need in request.modules(shelf) if not serves(need, shelf, python)]
    packages, unmet, pinned, major = [], [], [], []
    for entry in (*request.packages, *request.installed):
        versions = wheels_of(entry.target, python, request.facts)
        if not entry.found and _is_for_others(entry, python, standard, request.facts):
            packages.append(entry.target)
        elif versions and entry.line and not is_met(entry.line, versions):
            unmet.append(entry.target)
            if not entry.found:
                pinned.append(entry.target)
                if is_another_major(entry.line, nearest(entry.line, versions)):
                    major.append(entry.target)
    return Supply((*modules, *packages), tuple(unmet), tuple(pinned), tuple(major))


def _is_for_others(entry: Entry, python: str, standard: StandardEnvironment, facts: Facts) -> bool:
    """Whether other Pythons of the standard environment have a wheel, and this one has none."""
    pythons = facts.pythons.get(knowledge.normalise(entry.target)) or knowledge.wheel_pythons(entry.target)
    return python not in pythons and any(version in pythons for version in standard.pythons)


def _older(request: Request, standard: StandardEnvironment) -> Python | None:
    """Another standard environment, where it alone has all the modules that are asked for or that wheels call."""
    needs = (*request.modules(request.shelf(standard)), *_called_by_wheels(request))
    only = dict.fromkeys(need.module for need in needs if not request.shelf(standard).candidates(need))
    if not only or any(need.package for need in needs) or _is_own(standard, request.wishes.loaded):
        return None
    for other in knowledge.standard_environments():
        there = all(request.shelf(other).candidates(need) for need in needs)
        if other.standing == "on request" or not there:
            continue
        python = _python(request, other)
        if python.version in other.pythons and (meets(python.version, request.asked) or not is_listed(request.asked)):
            said = FROM_ANOTHER_YEAR.about(standard=other.full_name, modules=", ".join(only))
            found = Python(python.version, other, (said,))
            return on_the_list(found, request.asked) if request.packages else found
    return None


def _called_by_wheels(request: Request) -> tuple[Need, ...]:
    """The modules of programs that the wheels call, without those that carry a Python package."""
    found = []
    for entry in request.packages:
        for row in knowledge.runtime_needs(entry.target, entry.extras):
            modules = (text for text in row.modules if text.isidentifier() or "-" in text)
            found += [Need(text, entry.target) for text in modules if not knowledge.carries_python(text)]
    return tuple(found)


def _is_own(standard: StandardEnvironment, loaded: tuple[str, ...]) -> bool:
    """Whether the author's script loads this standard environment itself."""
    return standard.full_name.lower() in {name.lower() for name in loaded}


def _plain_version(specifier: str) -> str:
    parts = specifier.strip("=~<>!").removesuffix(".*").split(".")
    return ".".join(parts[:2]) if specifier[:1] in ("=", "~") and "," not in specifier else ""


def _without_modules(entry: Entry) -> Entry:
    if entry.kind != "module":
        return entry
    return Entry(entry.name, "unknown", phrase("no package for pip, and this profile knows no modules"))


def _installed_later(
    request: Request, later: Packages, loading: Loading, standard: StandardEnvironment
) -> tuple[str, ...]:
    """Why a `pip install` of the script will fail."""
    lines = {knowledge.normalise(change.name): change for change in later.changed}
    bare = {knowledge.normalise(each.requirement) for each in later.prepared}
    absent = {choice.need.module for choice in loading.choices if choice.version is None}
    served = [choice.version.packages for choice in loading.choices if choice.version is not None]
    carried = {name: version for packages in served for name, version in packages.items()}
    found = []
    for entry in request.later:
        name = knowledge.normalise(entry.target)
        if entry.name.endswith((".whl", ".tar.gz")):
            found.append(PIP_TAKES_A_FILE.about(package=entry.name))
        elif entry.kind == "module" and entry.target in absent:
            found.append(PIP_WITHOUT_MODULE.about(package=entry.name, module=entry.target, standard=standard.full_name))
        elif (there := carried.get(knowledge.normalise(entry.name), "")) and not is_met(entry.specifier, (there,)):
            taken = f"=={there}"
            found.append(PIP_OTHER_VERSION.about(package=entry.name, asked=entry.specifier, taken=taken))
        elif name in lines:
            asked, taken = lines[name].asked, lines[name].taken
            found.append(PIP_OTHER_VERSION.about(package=entry.name, asked=asked, taken=taken))
        elif any(each.startswith(name) for each in bare):
            other = knowledge.wheel_meant_by(entry.target)
            named = PIP_OTHER_NAME.about(package=entry.name, other=other)
            found.append(named if other else PIP_WITHOUT_WHEEL.about(package=entry.name))
        elif entry.kind == "python" and name != knowledge.normalise(entry.name):
            found.append(PIP_OTHER_NAME.about(package=entry.name, other=entry.target))
        elif entry.kind == "unknown" and entry.why:
            found.append(PIP_NOT_SERVED.about(package=entry.name, why=entry.why))
    return tuple(found)
