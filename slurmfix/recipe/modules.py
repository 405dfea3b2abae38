"""Chooses versions of modules that can be loaded together, and puts them in loading order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from slurmfix import knowledge
from slurmfix.knowledge import Module
from slurmfix.recipe.messages import FOR_OTHER_PYTHONS, VERSION_MOVED, WAY_NOT_KNOWN
from slurmfix.recipe.recipe import Need
from slurmfix.recipe.shelf import Shelf, fits, meets, order
from slurmfix.remarks import phrase

_MOST_BASES = 12
_Open = tuple[Module, tuple[str, ...], int]  # a version that can be loaded, what before it, how much of that is new


@dataclass(frozen=True, slots=True)
class Choice:
    """The version of a module chosen for a need; `version` is None where none can be loaded.

    `before` are the full names of the modules that it is loaded after.
    """

    need: Need
    version: Module | None
    before: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loading:
    """The choices for all needs, and the modules to load for them, in order, as `module load` takes them."""

    choices: tuple[Choice, ...]
    modules: tuple[str, ...]

    def name(self, module: str) -> str:
        """The chosen version as it is loaded: arrow/17.0.0."""
        return next((name for name in self.modules if name.partition("/")[0] == module), module)


def choose_all(needs: tuple[Need, ...], shelf: Shelf, python: str, loaded: tuple[str, ...] = ()) -> Loading:
    """The versions of all modules that load after one compiler and one MPI, those of the standard environment first.

    `loaded` are the author's own modules: nothing that cannot stand beside them is taken where there is a choice.
    """
    own = {name.partition("/")[0]: name for name in loaded if "/" in name}
    rounds = [_Round(shelf, python, base, dict(own)) for base in _bases(needs, shelf, own)]
    results = [(each, each.choose(needs)) for each in rounds]
    best, choices = min(results, key=lambda result: _cost(result[1]))
    missing = [choice for choice in choices if not choice.need.loaded]
    return Loading(choices, best.in_order(missing))


def serves(need: Need, shelf: Shelf, python: str) -> bool:
    """Whether some version of the module fits this Python."""
    known = shelf.candidates(need)
    return not need.package or not known or any(fits(entry, python, known) for entry in known)


def _cost(choices: tuple[Choice, ...]) -> tuple[int, int, int]:
    missing = [choice for choice in choices if choice.version is None]
    sure = sum(not choice.need.maybe for choice in missing)
    return sure, len(missing) - sure, sum(len(choice.doubts) for choice in choices)


def _bases(needs: tuple[Need, ...], shelf: Shelf, own: dict[str, str]) -> list[dict[str, str]]:
    """The compilers and MPIs to try, by family: the standard environment's with the author's own, then what each module
    names itself.
    """
    families = knowledge.module_families()
    usual = {families[name]: full for full in shelf.environment.loads if (name := full.partition("/")[0]) in families}
    usual |= {families[name]: full for name, full in own.items() if name in families}
    found = [usual]
    for need in needs:
        if need.module in families:
            asked = [entry for entry in shelf.candidates(need) if meets(entry.version, need.specifier or ">=0")]
            found += [{**usual, families[need.module]: entry.full_name} for entry in reversed(asked)]
        for entry in reversed(shelf.candidates(need)):
            for way in entry.prerequisites:
                mine = {families[name]: full for full in way if (name := full.partition("/")[0]) in families}
                same = mine.get("compiler", usual.get("compiler")) == usual.get("compiler")
                found.append({**(usual if same else {}), **mine} if mine else usual)
    different: list[dict[str, str]] = []
    for base in found:
        plain = all("/" in full for full in base.values())
        if plain and base not in different:
            different.append(base)
    return different[:_MOST_BASES]


@dataclass(slots=True)
class _Round:
    """One attempt with one compiler and MPI; `taken` holds the full name of each other module by its plain name."""

    shelf: Shelf
    python: str
    base: dict[str, str]
    taken: dict[str, str]
    used: set[str] = field(default_factory=set)

    def choose(self, needs: tuple[Need, ...]) -> tuple[Choice, ...]:
        """One choice a need, in their order; what somebody asked for in a version is chosen first."""
        found: dict[str, Choice] = {}
        for need in sorted(needs, key=lambda need: (not need.loaded, not need.specifier, not need.package)):
            found[need.module] = choice = self._one(need)
            if choice.version is None:
                continue
            for full in (*choice.before, choice.version.full_name):
                name = full.partition("/")[0]
                self.taken.setdefault(name, full)
                self._moved(found, name, full, choice)
        return tuple(found[need.module] for need in needs)

    def _moved(self, found: dict[str, Choice], name: str, full: str, by: Choice) -> None:
        """What an earlier need had taken in another version, where nothing else loads: that one follows."""
        earlier = found.get(name)
        if earlier is None or earlier.version is None or earlier.version.full_name == full or "/" not in full:
            return
        version = full.partition("/")[2]
        entry = next((entry for entry in self.shelf.versions(name) if entry.version == version), earlier.version)
        asked, why = f"{earlier.need.by}{earlier.need.specifier}", phrase(_STANDS_ON, module=by.need.module, full=full)
        said = VERSION_MOVED.about(requirement=asked, why=why, taken=version)
        doubts = (*earlier.doubts, said) if earlier.need.specifier else earlier.doubts
        self.taken[name] = full
        found[name] = replace(earlier, version=entry, before=self._way(entry) or (), doubts=doubts)

    def _one(self, need: Need) -> Choice:
        known = self.shelf.candidates(need)
        family = knowledge.module_families().get(need.module)
        if family:
            return self._of_family(need, known, family)
        if not known:
            return Choice(need, None)
        inside = tuple(entry for entry in known if not need.package or fits(entry, self.python, known))
        doubts: tuple[str, ...] = () if inside else (_outside(need, known, self.python),)
        if not inside and need.maybe:
            return Choice(need, None, (), doubts)
        pool = self._open(inside or known) or self._open(inside or known, free=True)
        if not pool:
            return Choice(need, None, (), doubts)
        (entry, way, _), doubt = _best(need, pool, known, self.python)
        return Choice(need, entry, way, (*doubts, *doubt, *_unknown_way(entry)))

    def _open(self, entries: tuple[Module, ...], free: bool = False) -> tuple[_Open, ...]:
        """The versions that can be loaded; `free`: in whatever version another need has taken its prerequisites."""
        found = ((entry, self._way(entry, free)) for entry in entries)
        return tuple((entry, way, len(self._new(way))) for entry, way in found if way is not None)

    def _of_family(self, need: Need, known: tuple[Module, ...], family: str) -> Choice:
        """A compiler or an MPI that somebody asked for is the one of this round, or is not there."""
        full = self.base.get(family, "")
        entry = next((entry for entry in known if entry.full_name == full), None)
        own = next((entry for entry in known if entry.full_name == self.shelf.loads(need.module)), None)
        entry = entry or own
        if entry is None:
            return Choice(need, None)
        missed = need.specifier and not meets(entry.version, need.specifier)
        said = _other_version(need, entry)
        self.used.add(family)
        return Choice(need, entry, (), (said,) if missed else ())

    def _way(self, entry: Module, free: bool = False) -> tuple[str, ...] | None:
        """What to load before a module, the way with the fewest modules that are not loaded yet; None for none."""
        found = [way for way in entry.prerequisites or ((),) if self._is_open(way, free)]
        return min(found, key=lambda way: len(self._new(way)), default=None)

    def _is_open(self, way: tuple[str, ...], free: bool) -> bool:
        return all(self._is_loadable(full, free) for full in way)

    def _is_loadable(self, full: str, free: bool, depth: int = 0) -> bool:
        name, _, version = full.partition("/")
        family = knowledge.module_families().get(name)
        if family:
            return self.base.get(family) == full or (not version and self.base.get(family, "").startswith(f"{name}/"))
        if not free and version and self.taken.get(name, full) != full:
            return False
        entries = [entry for entry in self.shelf.versions(name) if not version or entry.version == version]
        ways = [way for entry in entries for way in entry.prerequisites or ((),)]
        if not ways or depth > 3:
            return not self.shelf.versions(name) or depth <= 3
        return any(all(self._is_loadable(each, free, depth + 1) for each in way) for way in ways)

    def _new(self, way: tuple[str, ...]) -> tuple[str, ...]:
        families = knowledge.module_families()
        return tuple(
            full for full in way if (name := full.partition("/")[0]) not in families and name not in self.taken
        )

    def in_order(self, choices: list[Choice]) -> tuple[str, ...]:
        """Prerequisites first, then the modules by name, each once; what the standard environment brings is plain."""
        chosen = [choice for choice in choices if choice.version is not None]
        names: dict[str, str] = {}
        after: dict[str, set[str]] = {}
        waiting = [(full, self._stands_on(full)) for choice in chosen for full in choice.before]
        waiting += [(choice.version.full_name, choice.before) for choice in chosen if choice.version is not None]
        while waiting:
            full, before = waiting.pop()
            name = full.partition("/")[0]
            names[name] = max(names.get(name, ""), full, key=len)
            after.setdefault(name, set()).update(each.partition("/")[0] for each in before)
            waiting += [(each, self._stands_on(each)) for each in before if each.partition("/")[0] not in names]
        shown = {name: self._shown(name, full, choices) for name, full in names.items()}
        return tuple(shown[name] for name in _sorted(after))

    def _stands_on(self, full: str) -> tuple[str, ...]:
        name, _, version = full.partition("/")
        if name in knowledge.module_families():
            return tuple(each for each in self.base.values() if self._is_below(each, name))
        entry = next((entry for entry in self.shelf.versions(name) if entry.version == version), None)
        return (self._way(entry, free=True) or ()) if entry else ()

    def _is_below(self, full: str, name: str) -> bool:
        """Whether a compiler stands below an MPI: that one is seen once the compiler is loaded."""
        families = knowledge.module_families()
        return families[full.partition("/")[0]] == "compiler" and families[name] == "mpi"

    def _shown(self, name: str, full: str, choices: list[Choice]) -> str:
        family = knowledge.module_families().get(name)
        if family:
            full = self.base.get(family, full) if self.base.get(family, "").startswith(f"{name}/") else full
        asked = any(choice.need.module == name and choice.need.specifier for choice in choices)
        return (
            name
            if full == self.shelf.loads(name) or not full.partition("/")[2] or (full == name and not asked)
            else full
        )


def _sorted(after: dict[str, set[str]]) -> list[str]:
    """Names so that each stands behind those that it is loaded after; else in the order of the alphabet."""
    done: list[str] = []
    first = knowledge.module_families()
    waiting = sorted(after, key=lambda name: (first.get(name, "~"), name))
    while waiting:
        ready = next((name for name in waiting if not (after[name] & set(waiting)) - {name}), waiting[0])
        waiting.remove(ready)
        done.append(ready)
    return done


def _best(need: Need, pool: tuple[_Open, ...], known: tuple[Module, ...], python: str) -> tuple[_Open, tuple[str, ...]]:
    """The newest version that was asked for, of those that need the fewest other modules; else the nearest one."""
    asked = tuple(each for each in pool if need.specifier and meets(each[0].version, need.specifier))
    if not asked and need.specifier.startswith("=="):  # Java 8 calls itself 1.8
        asked = tuple(each for each in pool if meets(each[0].version.removeprefix("1."), need.specifier))
    if asked or not need.specifier:
        return _newest(asked or pool), ()
    chosen = _nearest(pool, need.specifier)
    return chosen, (_not_that_version(need, chosen[0], known, python),)


def _newest(pool: tuple[_Open, ...]) -> _Open:
    return max(pool, key=lambda each: (bool(each[0].prerequisites), -each[2], order(each[0].version)))


def _nearest(pool: tuple[_Open, ...], specifier: str) -> _Open:
    """The first version above the number that the specifier names, else the newest."""
    number = re.search(r"\d[\w.]*", specifier)
    wanted = order(number[0]) if number else ()
    above = tuple(each for each in pool if order(each[0].version) >= wanted)
    if above and "<" not in specifier.replace("<=", ""):
        return min(above, key=lambda each: order(each[0].version))
    return _newest(tuple(each for each in pool if each not in above) or pool)


_STANDS_ON = "the module {module} needs {full}"


def _unknown_way(entry: Module) -> tuple[str, ...]:
    if entry.prerequisites:
        return ()
    return (WAY_NOT_KNOWN.about(module=entry.full_name),)


def _outside(need: Need, known: tuple[Module, ...], python: str) -> str:
    listed = "; ".join(f"{entry.version} for {_list(entry.pythons)}" for entry in known if entry.pythons)
    return FOR_OTHER_PYTHONS.about(module=need.module, package=need.by, python=python, versions=listed)


def _not_that_version(need: Need, chosen: Module, known: tuple[Module, ...], python: str) -> str:
    other = tuple(entry for entry in known if meets(entry.version, need.specifier))
    if not other or not need.package:
        return _other_version(need, chosen)
    windows = "; ".join(f"{entry.version} for {_list(entry.pythons)}" for entry in other)
    why = phrase("this version of the module is for another Python ({versions})", versions=windows)
    return VERSION_MOVED.about(requirement=f"{need.by}{need.specifier}", why=why, taken=chosen.full_name)


def _other_version(need: Need, chosen: Module) -> str:
    why = phrase("the module {module} does not have this version", module=need.module)
    return VERSION_MOVED.about(requirement=f"{need.by}{need.specifier}", why=why, taken=chosen.version)


def _list(pythons: tuple[str, ...]) -> str:
    return f"Python {pythons[0]} to {pythons[-1]}" if len(pythons) > 1 else f"Python {''.join(pythons) or '?'}"
