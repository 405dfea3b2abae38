"""Chooses the versions of modules and puts them in loading order."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slurmfix import knowledge
from slurmfix.recipe.recipe import Facts

DEFAULT_GCC = "12.3"  # StdEnv/2023 loads it
_STANDARD = ("2023", "2020")
# Prerequisites that the standard environment's own compiler meets, so that several modules go together.
_USUAL = frozenset({"gcc", "gcc/9.3.0", "openmpi", "cuda"})
# Prerequisites for 2020 were not collected; most of its modules stand behind this compiler.
_BEFORE_2020 = ("gcc/9.3.0",)


@dataclass(frozen=True, slots=True)
class Need:
    """A module that something needs.

    `specifier` is the version asked for as PEP 440, `part` the beginning of the versions that will do. `package` says
    that it carries a Python package, so that its window of Python versions matters. `by` is who needs it, for a person.
    """

    module: str
    by: str
    specifier: str = ""
    part: str = ""
    package: bool = False
    loaded: str = ""  # the version that the author's script loads itself
    maybe: bool = False  # a wheel's builder loads it, which is an upper bound of what its user needs


@dataclass(frozen=True, slots=True)
class Choice:
    """The version of a module chosen for a need; `version` is None where the standard environment has none."""

    need: Need
    version: knowledge.ModuleVersion | None
    doubts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As `module load` takes it: arrow/17.0.0; the usual compiler and MPI need no version."""
        if self.version is None:
            return self.need.module
        usual = self.need.module in _USUAL and not (self.need.specifier and self.version.version != DEFAULT_GCC)
        return self.need.module if usual else f"{self.need.module}/{self.version.version}"


def choose(need: Need, stdenv: str, python: str, facts: Facts) -> Choice:
    """The version of a module that fits the Python and, where there is one, what was asked for; else the nearest."""
    known = _known(need, stdenv, facts)
    if not known:
        return Choice(need, None)
    inside = tuple(entry for entry in known if not need.package or fits(entry, python, known))
    doubts: list[str] = []
    if not inside:
        listed = [f"{entry.version}: {_list(entry.pythons)}" for entry in known if entry.pythons]
        windows = f"No version of the module {need.module} serves Python {python} ({'; '.join(listed)})"
        if need.maybe:
            return Choice(need, None, (f"{windows}; {need.by} may need it.",))
        doubts.append(f"{windows}; {need.by} needs it.")
    pool = inside or known
    asked = tuple(entry for entry in pool if need.specifier and _meets(entry.version, need.specifier))
    if asked:
        return Choice(need, _newest(asked), tuple(doubts))
    if need.specifier:
        chosen = _nearest(pool, need.specifier)
        doubts.append(_not_that_version(need, chosen, known, python))
        return Choice(need, chosen, tuple(doubts))
    return Choice(need, _newest(pool), tuple(doubts))


def serves(need: Need, stdenv: str, python: str, facts: Facts) -> bool:
    """Whether some version of the module fits this Python."""
    known = _known(need, stdenv, facts)
    return not need.package or not known or any(fits(entry, python, known) for entry in known)


def has(need: Need, stdenv: str, facts: Facts) -> bool:
    """Whether a standard environment has the module in any version that will do."""
    return bool(_known(need, stdenv, facts))


def fits(entry: knowledge.ModuleVersion, python: str, known: tuple[knowledge.ModuleVersion, ...]) -> bool:
    """Whether the module's window covers the Python; where no version has a known window, all do."""
    return python in entry.pythons or not any(other.pythons for other in known)


def _known(need: Need, stdenv: str, facts: Facts) -> tuple[knowledge.ModuleVersion, ...]:
    table = knowledge.module_versions(need.module, stdenv)
    answer = facts.modules.get(need.module)
    if answer is not None:
        table = _answered(need, stdenv, table, {name.partition("/")[2] for name in answer})
    theirs = tuple(entry for entry in table if need.loaded and entry.version.startswith(need.loaded))
    return theirs or tuple(entry for entry in table if entry.version.startswith(need.part))


def _answered(
    need: Need, stdenv: str, table: tuple[knowledge.ModuleVersion, ...], there: set[str]
) -> tuple[knowledge.ModuleVersion, ...]:
    """The versions that the cluster has, in the table's words where it knows them.

    A version that no table knows is taken where nothing else will do: what stands before it, and the Pythons that it
    serves, are not known then. `spider` lists all standard environments in one, so those of another are left out.
    """
    listed = tuple(entry for entry in table if entry.version in there)
    known = {entry.version for year in _STANDARD for entry in knowledge.module_versions(need.module, year)}
    new = tuple(knowledge.ModuleVersion(version, (), ()) for version in sorted(there - known, key=_order) if version)
    if listed and not need.specifier:
        return listed
    if any(_meets(entry.version, need.specifier) for entry in listed):
        return listed
    return (*listed, *new) if stdenv == _STANDARD[0] else listed


def _newest(pool: tuple[knowledge.ModuleVersion, ...]) -> knowledge.ModuleVersion:
    usual = tuple(entry for entry in pool if _is_usual(entry))
    without_gpu = tuple(entry for entry in usual if not all("cuda" in way for way in entry.prerequisites or ((),)))
    return max(without_gpu or usual or pool, key=lambda entry: _order(entry.version))


def _nearest(pool: tuple[knowledge.ModuleVersion, ...], specifier: str) -> knowledge.ModuleVersion:
    """The first version above the number that the specifier names, else the newest."""
    number = re.search(r"\d[\w.]*", specifier)
    wanted = _order(number[0]) if number else ()
    above = tuple(entry for entry in pool if _order(entry.version) >= wanted)
    usual = tuple(entry for entry in above if _is_usual(entry))
    if above and "<" not in specifier.replace("<=", ""):
        return min(usual or above, key=lambda entry: _order(entry.version))
    return _newest(tuple(entry for entry in pool if entry not in above) or pool)


def _is_usual(entry: knowledge.ModuleVersion) -> bool:
    return not entry.prerequisites or any(_USUAL.issuperset(way) for way in entry.prerequisites)


def _meets(version: str, specifier: str) -> bool:
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion

    exact = re.fullmatch(r"==([\w.]+?)(?:\.\*)?", specifier)
    if exact and (version == exact[1] or version.startswith((f"{exact[1]}.", f"{exact[1]}-"))):
        return True
    try:
        return SpecifierSet(specifier).contains(version.split("-")[0], prereleases=True)
    except InvalidVersion:
        return False


def _order(version: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|[a-zA-Z]+", version))


def _not_that_version(
    need: Need, chosen: knowledge.ModuleVersion, known: tuple[knowledge.ModuleVersion, ...], python: str
) -> str:
    other = tuple(entry for entry in known if _meets(entry.version, need.specifier))
    if not other:
        return f"{need.by}{need.specifier} is no version of the module {need.module}; {chosen.version} is the nearest."
    windows = "; ".join(f"{entry.version} for {_list(entry.pythons)}" for entry in other)
    return (
        f"{need.by}{need.specifier} is a module for other Pythons ({windows}); "
        f"{need.module}/{chosen.version} serves {python}."
    )


def choose_all(needs: tuple[Need, ...], stdenv: str, python: str, facts: Facts) -> tuple[Choice, ...]:
    """The versions of all modules, so that one whose prerequisite is another one of them agrees with it."""
    choices = {need.module: choose(need, stdenv, python, facts) for need in needs}
    for module, choice in list(choices.items()):
        for name in _stands_on(choice.version):
            before, _, version = name.partition("/")
            other = choices.get(before)
            if other is None or not version or other.version is None or other.version.version == version:
                continue
            choices[module], choices[before] = _agree(choice, other, name, stdenv, facts)
    return tuple(choices.values())


def _stands_on(entry: knowledge.ModuleVersion | None) -> tuple[str, ...]:
    """The modules that are no compilers and that each way to this one loads first."""
    first = entry.prerequisites[0] if entry and entry.prerequisites else ()
    return tuple(name for name in first if _place(name) == len(_PLACES))


def _agree(choice: Choice, other: Choice, name: str, stdenv: str, facts: Facts) -> tuple[Choice, Choice]:
    """Two choices of which one stands on the other: the version that was asked for leads."""
    for mine in reversed(_known(choice.need, stdenv, facts)):
        if other.need.specifier and other.name in _stands_on(mine):
            return Choice(choice.need, mine, choice.doubts), other
    version = name.partition("/")[2]
    theirs = next((entry for entry in _known(other.need, stdenv, facts) if entry.version == version), other.version)
    if not other.need.specifier:
        return choice, Choice(other.need, theirs)
    said = f"{choice.name} stands on {name}, so {other.need.by}{other.need.specifier} becomes {version}."
    return choice, Choice(other.need, theirs, (said,))


def in_order(choices: tuple[Choice, ...], stdenv: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Prerequisites first, then the modules, each once; and the doubts about compilers that do not go together."""
    compiler = _common_compiler(choices)
    before: list[str] = []
    names: list[str] = []
    doubts: list[str] = []
    for choice in choices:
        if choice.version is None:
            continue
        ways = choice.version.prerequisites or ((_BEFORE_2020,) if stdenv == "2020" else ())
        if not choice.version.prerequisites:
            doubts.append(f"`module spider {choice.name}` says what must be loaded before it: that is not known here.")
        before += next((way for way in ways if _compiler(way) in ("", compiler)), ways[0] if ways else ())
        names.append(compiler if compiler and choice.name == "gcc" else choice.name)
    exact = {name.partition("/")[0] for name in names if "/" in name}
    kept = {name for name in (*before, *names) if "/" in name or name not in exact}
    if compiler is None:
        doubts.append(_at_odds(choices))
    return tuple(sorted(kept, key=lambda name: (_place(name), *name.split("/")))), tuple(doubts)


def _compiler(way: tuple[str, ...]) -> str:
    return next((name for name in way if name.partition("/")[0] in ("gcc", "intel")), "")


def _common_compiler(choices: tuple[Choice, ...]) -> str | None:
    """The one compiler under which all modules can be loaded, the usual one first; None where there is none."""
    needs = [
        [_compiler(way) for way in choice.version.prerequisites]
        for choice in choices
        if choice.version and choice.version.prerequisites
    ]
    asked = [choice.name for choice in choices if choice.need.module == "gcc" and "/" in choice.name]
    candidates = asked or [*(compiler for found in needs for compiler in found), ""]
    return next((one for one in candidates if all(one in found or "" in found for found in needs)), None)


def _at_odds(choices: tuple[Choice, ...]) -> str:
    sides = dict[str, str]()
    for choice in choices:
        ways = choice.version.prerequisites if choice.version else ()
        if compilers := " or ".join(compiler for way in ways if (compiler := _compiler(way))):
            sides.setdefault(compilers, choice.name)
        elif choice.need.module == "gcc":
            sides.setdefault("itself", choice.name)
    said = ", ".join(f"{module} needs {compiler}" for compiler, module in sides.items())
    return f"These modules do not go together: {said}; load them in separate jobs or choose other versions."


_PLACES = ("intel", "gcc", "llvm", "intelmpi", "openmpi", "cuda")  # each changes what the next one is


def _place(name: str) -> int:
    plain = name.partition("/")[0]
    return _PLACES.index(plain) if plain in _PLACES else len(_PLACES)


def _list(pythons: tuple[str, ...]) -> str:
    return f"Python {pythons[0]} to {pythons[-1]}" if len(pythons) > 1 else f"Python {''.join(pythons) or '?'}"
