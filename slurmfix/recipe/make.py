"""Makes the recipe: classifies, chooses Python and modules, checks the wheels, and says how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from slurmfix import knowledge
from slurmfix.environment import Environment
from slurmfix.matchspec import to_pep440
from slurmfix.recipe.classes import Entry, classify, is_interpreter
from slurmfix.recipe.modules import Choice, Need, choose_all, has, in_order, serves
from slurmfix.recipe.python import Python, choose_python, meets
from slurmfix.recipe.recipe import NO_WISHES, NOT_ASKED, Facts, LeftOut, Recipe, Wishes
from slurmfix.recipe.wheels import Wheels, look_up, merge, trouble

# What StdEnv/2023 loads itself, and what the base system has without a module.
_BUNDLE = "r-bundle-bioconductor"
_ALREADY = frozenset({"gcc", "openmpi", "flexiblas"})


@dataclass(frozen=True, slots=True)
class _Plan:
    """The parts of a recipe before the strategy is known."""

    python: Python
    modules: tuple[str, ...]
    wheels: Wheels
    left_out: tuple[LeftOut, ...]
    doubts: tuple[str, ...]
    libraries: tuple[str, ...] = ()  # R packages


def make_recipe(environment: Environment, wishes: Wishes = NO_WISHES, facts: Facts = NOT_ASKED) -> Recipe:
    """Choose Python, modules and requirements for an environment.

    Raises UnknownProfile (a ValueError) for a profile that does not exist.
    """
    profile = knowledge.profile(wishes.profile)
    entries = tuple(
        classify(package, environment, wishes, facts) for package in environment.packages if not is_interpreter(package)
    )
    if not profile.stdenv:
        entries = tuple(_without_modules(entry) for entry in entries)
    later = tuple(classify(package, environment, wishes, facts) for package in wishes.installs if profile.wheelhouse)
    plan = _plan(environment, wishes, facts, entries, later, with_modules=bool(profile.stdenv))
    strategy, reason = _strategy(environment, wishes, plan, entries)
    return Recipe(
        environment,
        plan.python.version,
        plan.modules if strategy != "modules" or _wants_python(environment, entries) else _no_python(plan.modules),
        plan.wheels.requirements,
        plan.left_out,
        tuple(dict.fromkeys((*environment.doubts, *plan.doubts))),
        strategy,
        reason,
        plan.libraries,
    )


def _plan(
    environment: Environment,
    wishes: Wishes,
    facts: Facts,
    entries: tuple[Entry, ...],
    later: tuple[Entry, ...],
    with_modules: bool,
) -> _Plan:
    """`later` are the entries of what the script itself installs with pip: modules must be there before."""
    packages = merge(tuple(entry for entry in entries if entry.kind == "python"))
    needs = _needs(packages, (*entries, *later), wishes, environment.guess) if with_modules else ()
    with_wheel = (*packages, *(entry for entry in later if entry.kind == "python"))
    python = _python(environment, wishes, facts, with_wheel, needs, with_modules)
    choices = choose_all(needs, python.stdenv, python.version, facts)
    wheels = look_up(packages, python.version, environment, wishes, facts)
    before, compiler_doubts = in_order(
        tuple(choice for choice in choices if not _loaded(choice.name, wishes.loaded)), python.stdenv
    )
    asked = (f"StdEnv/{python.stdenv}", f"python/{python.version}", *before) if with_modules else ()
    modules = tuple(name for name in asked if not _loaded(name, wishes.loaded))
    absent = {choice.need.module for choice in choices if choice.version is None}
    left_out = (
        *_interpreter(environment, python),
        *(_left_out(entry, choices, absent, python) for entry in entries if entry.kind != "python"),
        *_missing_programs(choices, entries, python),
        *wheels.left_out,
        *_options(environment),
    )
    doubts = (
        *python.doubts,
        *(entry.note for entry in entries if entry.note),
        *_r_packages(entries),
        *(doubt for choice in choices for doubt in choice.doubts),
        *compiler_doubts,
        *_conflicts(asked, tuple(dict.fromkeys((*wishes.loaded, *wishes.later)))),
        *wheels.doubts,
        *_installed_later(later, absent, python, facts),
    )
    return _Plan(python, modules, wheels, tuple(dict.fromkeys(left_out)), doubts, _libraries(entries))


def _needs(packages: tuple[Entry, ...], entries: tuple[Entry, ...], wishes: Wishes, guess: bool) -> tuple[Need, ...]:
    """The modules that something needs, one need each: what a person asked for wins over what a wheel brings in."""
    found: dict[str, Need] = {}
    asked = [
        Need(entry.target, entry.name, entry.specifier, entry.part, entry.package)
        for entry in entries
        if entry.kind == "module"
    ]
    asked.sort(key=lambda need: (not need.specifier, not need.package))
    own = {name.partition("/")[0].lower() for name in wishes.loaded}  # `R` to one site, `r` to another
    called = [
        Need(module, program)
        for program in (wishes.programs if wishes.alone or guess else ())
        if (module := knowledge.program_module(program)) and module not in _ALREADY and module.lower() not in own
    ]
    brought = [
        Need(module, entry.target, package=knowledge.carries_python(module), maybe=True)
        for entry in packages
        for module in knowledge.runtime_modules(entry.target)
    ]
    theirs = dict(name.split("/", 1) for name in wishes.loaded if "/" in name)
    for need in (*asked, *called, *brought):
        found.setdefault(need.module, replace(need, loaded=theirs.get(need.module, "")))
    return tuple(found[module] for module in sorted(found))


def _python(
    environment: Environment,
    wishes: Wishes,
    facts: Facts,
    packages: tuple[Entry, ...],
    needs: tuple[Need, ...],
    with_modules: bool,
) -> Python:
    asked = next(
        (to_pep440(package.version).specifier for package in environment.packages if is_interpreter(package)), ""
    )
    if not with_modules:
        return Python(wishes.python or _plain_version(asked) or "3.11", "")
    if old := _older_standard_environment(asked, packages, needs, wishes, facts):
        return old
    loaded = next((name.partition("/")[2] for name in wishes.loaded if name.startswith("python/")), "")

    def hindrances(version: str) -> tuple[str, ...]:
        hard = (need for need in needs if not (need.maybe and asked))
        return tuple(need.module for need in hard if not serves(need, "2023", version, facts))

    def missing(version: str) -> int:
        pythons = (
            facts.pythons.get(knowledge.normalise(entry.target)) or knowledge.wheel_pythons(entry.target)
            for entry in packages
        )
        return sum(1 for found in pythons if found and version not in found)

    return choose_python(asked, wishes.python, ".".join(loaded.split(".")[:2]) or None, hindrances, missing)


def _older_standard_environment(
    asked: str, packages: tuple[Entry, ...], needs: tuple[Need, ...], wishes: Wishes, facts: Facts
) -> Python | None:
    """StdEnv/2020, where no wheel is needed and it alone has all the modules."""
    only = [need.module for need in needs if not has(need, "2023", facts)]
    there = all(has(need, "2020", facts) for need in needs)
    if packages or not only or not there or any(need.package for need in needs):
        return None
    pythons = tuple(version for version in knowledge.pythons("2020") if not asked or meets(version, asked))
    wanted = wishes.python or (pythons[-1] if pythons else "")
    if wanted not in knowledge.pythons("2020"):
        return None
    return Python(wanted, "2020", (f"Only StdEnv/2020 has {', '.join(only)}, so all modules come from there.",))


def _plain_version(specifier: str) -> str:
    parts = specifier.strip("=~<>!").removesuffix(".*").split(".")
    return ".".join(parts[:2]) if specifier[:1] in ("=", "~") and "," not in specifier else ""


def _without_modules(entry: Entry) -> Entry:
    if entry.kind != "module":
        return entry
    return Entry(entry.name, "unknown", "no package for pip, and this profile knows no modules")


def _left_out(entry: Entry, choices: tuple[Choice, ...], absent: set[str], python: Python) -> LeftOut:
    if entry.kind != "module":
        return LeftOut(entry.name, entry.why, entry.kind)
    if entry.target in absent:
        why = f"its module {entry.target} is not in StdEnv/{python.stdenv}"
        return LeftOut(entry.name, f"{why}{_elsewhere(entry.target, python.stdenv)}", "unknown")
    chosen = next((choice.name for choice in choices if choice.need.module == entry.target), entry.target)
    why = f"the module {chosen} has it" + (f" ({entry.why})" if entry.package else "")
    return LeftOut(entry.name, entry.why if entry.why and not entry.package else why, "module")


def _elsewhere(module: str, stdenv: str) -> str:
    other = "2020" if stdenv == "2023" else "2023"
    return f", only in StdEnv/{other}" if knowledge.module_versions(module, other) else ""


def _missing_programs(choices: tuple[Choice, ...], entries: tuple[Entry, ...], python: Python) -> tuple[LeftOut, ...]:
    """Programs that the script calls and whose module this standard environment does not have."""
    named = {entry.target for entry in entries if entry.kind == "module"}
    return tuple(
        LeftOut(
            choice.need.by,
            f"its module {choice.need.module} is not in StdEnv/{python.stdenv}"
            f"{_elsewhere(choice.need.module, python.stdenv)}",
            "unknown",
        )
        for choice in choices
        if choice.version is None and choice.need.module not in named and not choice.need.maybe
    )


def _libraries(entries: tuple[Entry, ...]) -> tuple[str, ...]:
    """The R packages that install.packages() puts into a library, as CRAN's names in small letters."""
    names = (entry.name.lower() for entry in entries if entry.kind == "module" and entry.target == "r" and entry.why)
    return tuple(dict.fromkeys(name.removeprefix("r-") for name in names))


def _r_packages(entries: tuple[Entry, ...]) -> tuple[str, ...]:
    names = [entry.name for entry in entries if entry.kind == "module" and entry.target == "r" and entry.why]
    bundled = [entry.name for entry in entries if entry.kind == "module" and entry.target == _BUNDLE and entry.why]
    said = f"The module {_BUNDLE} has many Bioconductor packages: see that it has {', '.join(bundled)}."
    told = (said,) if bundled else ()
    if not names:
        return told
    return (
        *told,
        f"The module r has no more than R's own packages: install {', '.join(names)} once on a login node.",
    )


def _installed_later(later: tuple[Entry, ...], absent: set[str], python: Python, facts: Facts) -> tuple[str, ...]:
    """Why a `pip install` of the script will fail."""
    found = []
    for entry in later:
        why = entry.why if entry.kind == "unknown" else ""
        if entry.kind == "python":
            why = trouble(entry, python.version, facts)
        elif entry.target in absent:
            why = f"its module {entry.target} is not in StdEnv/{python.stdenv}"
        found += [f"the script's own `pip install` of {entry.name}: {why}"] if why else []
    return tuple(found)


def _interpreter(environment: Environment, python: Python) -> tuple[LeftOut, ...]:
    why = f"the module python/{python.version} is the interpreter"
    return tuple(LeftOut(package.name, why, "dropped") for package in environment.packages if is_interpreter(package))


def _options(environment: Environment) -> tuple[LeftOut, ...]:
    """Lines of a pip section that are no packages."""
    found = []
    for option in environment.pip_options:
        if option.split("=")[0].split(" ")[0] in ("-r", "--requirement", "-c", "--constraint"):
            found.append(LeftOut(option, "another file; add its packages by hand", "unknown"))
        elif option.startswith(("-e", "--editable", ".", "/")):
            why = "a folder of your own; add `pip install --no-index --no-deps` of it to the job"
            found.append(LeftOut(option, why, "unknown"))
        else:
            found.append(LeftOut(option, "with --no-index pip reads the cluster's wheelhouse only", "dropped"))
    return tuple(found)


def _loaded(name: str, loaded: tuple[str, ...]) -> bool:
    """Whether the author's own `module load` brings this module, in the version that we need."""
    plain, _, version = name.partition("/")
    for theirs in loaded:
        other, _, their_version = theirs.partition("/")
        if other != plain:
            continue
        bare = not their_version and plain != "python"  # which Python a bare `module load python` brings is not known
        if bare or not version or their_version == version or their_version.startswith(f"{version}."):
            return True
    return False


def _conflicts(asked: tuple[str, ...], loaded: tuple[str, ...]) -> tuple[str, ...]:
    """Modules that the author loads in another version than the recipe needs, both sides said."""
    found = []
    for name in asked:
        plain, _, version = name.partition("/")
        for theirs in loaded:
            other = theirs.partition("/")[0]
            if other == plain and theirs != plain and version and not _loaded(name, (theirs,)):
                found.append(f"The script loads {theirs}, the environment needs {name}: take one of them out.")
    stdenv = asked[0].partition("/")[2] if asked else ""
    others: list[str] = []
    for theirs in loaded:
        plain, _, version = theirs.partition("/")
        plain = plain if knowledge.is_module(plain) else plain.lower()
        if not stdenv or not version or plain in ("python", "stdenv", "StdEnv") or not knowledge.is_module(plain):
            continue
        versions = [entry.version for entry in knowledge.module_versions(plain, stdenv)]
        if not any(entry == version or entry.startswith(f"{version}.") for entry in versions):
            others.append(f"{theirs} (there: {', '.join(versions[-4:]) or 'none'})")
    if others:
        found.append(f"the script loads modules that StdEnv/{stdenv} has in other versions: {', '.join(others)}")
    return tuple(found)


def _wants_python(environment: Environment, entries: tuple[Entry, ...]) -> bool:
    """Whether the environment asks for Python, or for a Python package that a module carries."""
    return any(map(is_interpreter, environment.packages)) or any(entry.package for entry in entries) or not entries


def _no_python(modules: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in modules if not name.startswith("python/"))


def _nowhere(environment: Environment, plan: _Plan) -> tuple[str, ...]:
    """What a person asked conda for and nothing on the cluster serves: a program by another name than its package's, or
    a package of Perl's. In a full listing it may only have come along; what pip cannot fetch, an image cannot either.
    """
    if environment.guess or environment.export:
        return ()
    lost = {out.name for out in plan.left_out if out.kind == "unknown"}
    asked = {package.name: package for package in environment.packages if package.manager == "conda"}
    return tuple(name for name, package in asked.items() if name in lost and not package.url and not package.pypi)


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _strategy(environment: Environment, wishes: Wishes, plan: _Plan, entries: tuple[Entry, ...]) -> tuple[str, str]:
    if wishes.to != "auto":
        return wishes.to, f"{wishes.to} was asked for."
    called = {knowledge.normalise(program.rpartition("/")[2]) for program in wishes.programs}
    lost = [out.name for out in plan.left_out if out.kind == "unknown" and knowledge.normalise(out.name) in called]
    if lost:
        return "apptainer", f"The job calls {', '.join(lost)}, which no module and no wheel provides."
    if nowhere := _nowhere(environment, plan):
        return "apptainer", f"The environment asks for {_some(nowhere)}, which no module and no wheel provides."
    if not plan.wheels.requirements and not environment.guess and plan.libraries:
        return "modules", f"The module r and a library of your own provide {_some(plan.libraries)}."
    if not plan.wheels.requirements and not environment.guess:
        return "modules", "Modules provide all that the environment asks for; there is no Python package to install."
    if any(entry.kind == "module" for entry in entries):
        return "virtualenv", "Wheels and modules provide what the environment asks for."
    return "virtualenv", "Wheels provide what the environment asks for."
