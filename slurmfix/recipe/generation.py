"""What the modules of one toolchain generation have of a request, and what is left to pip."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from slurmfix import knowledge
from slurmfix.knowledge import Bundle, Generation
from slurmfix.recipe.classes import Entry, R
from slurmfix.recipe.nearest import is_another_major, is_met
from slurmfix.recipe.packages import on_this_python
from slurmfix.recipe.recipe import Changed, LeftOut
from slurmfix.recipe.request import Request
from slurmfix.recipe.shelf import meets, order
from slurmfix.remarks import phrase

_OF_R = "r-packages"  # bundle_names.tsv knows the module


@dataclass(frozen=True, slots=True)
class Fit:
    """What a generation has: `carried` are the Python packages with their modules, `programs` all else with theirs;
    `rest` is for pip, `absent` are programs without a module, `left_out` what is no matter of this Python.
    """

    generation: Generation
    naming: str
    carried: tuple[tuple[Entry, Bundle], ...] = ()
    programs: tuple[tuple[Entry, Bundle], ...] = ()
    rest: tuple[Entry, ...] = ()
    absent: tuple[LeftOut, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def name(self, bundle: Bundle) -> str:
        """A module as this site names it."""
        return bundle.name_at(self.naming, self.generation)

    @property
    def bundles(self) -> tuple[Bundle, ...]:
        return tuple(bundle for _, bundle in (*self.carried, *self.programs))

    @property
    def interpreter_bundle(self) -> Bundle | None:
        """The module of this generation's Python."""
        return knowledge.interpreter_of(self.generation)

    @property
    def interpreter(self) -> str:
        return self.name(self.interpreter_bundle) if self.interpreter_bundle else f"Python {self.generation.version}"

    @property
    def programs_changed(self) -> tuple[Changed, ...]:
        """The programs whose module has no version that was asked for."""
        return tuple(
            Changed(
                entry.name,
                entry.specifier,
                f"=={bundle.version}",
                phrase("{module} is the nearest module", module=self.name(bundle)),
            )
            for entry, bundle in self.programs
            if entry.specifier and not meets(bundle.version, entry.specifier)
        )


def fit(request: Request, generation: Generation, naming: str) -> Fit:
    """What a generation has of a request; `naming` is how the site names its modules."""
    kept, left_out = on_this_python(request.packages, generation.python)
    found = _together(_carried(kept, generation, request, naming), kept)
    served = {id(entry) for entry, _ in found}
    wanted = _programs(request, generation)
    programs = ((entry, _program(entry, generation)) for entry in wanted)
    there = tuple((entry, bundle) for entry, bundle in programs if bundle)
    names = {entry.name for entry, _ in there}
    return Fit(
        generation,
        naming,
        found,
        there,
        tuple(_for_pip(entry) for entry in kept if id(entry) not in served),
        tuple(LeftOut(each.name, _not_there(each, generation), "unknown") for each in wanted if each.name not in names),
        left_out,
    )


def _for_pip(entry: Entry) -> Entry:
    """The line of a package from an address: no wheel of it is made ahead."""
    return replace(entry, target=f"{entry.target} @ {entry.url}") if entry.url and "@" not in entry.target else entry


def _carried(
    kept: tuple[Entry, ...], generation: Generation, request: Request, naming: str
) -> tuple[tuple[Entry, Bundle], ...]:
    """Each package that a module of this generation carries, with the module, one version of each module."""
    asked = frozenset(knowledge.normalise(entry.target) for entry in kept)
    taken: dict[str, Bundle] = {}
    found = {}
    for entry in sorted(kept, key=lambda each: not each.line):
        bundle = _carrier(entry, generation, asked, request, taken, naming)
        if bundle is not None:
            found[id(entry)] = taken[bundle.name] = bundle
    return tuple((entry, found[id(entry)]) for entry in kept if id(entry) in found)


def _carrier(
    entry: Entry,
    generation: Generation,
    asked: frozenset[str],
    request: Request,
    taken: dict[str, Bundle],
    naming: str,
) -> Bundle | None:
    """The module to take a package from: the one that the script loads itself, if its version will do, else in the
    version asked for, as far as there is one, and the newest.
    """
    if entry.url or entry.extras:
        return None
    name = knowledge.normalise(entry.target)
    needs_gpu = request.gpu and bool(_for_gpus(name))
    there = knowledge.bundles_with(name, generation.name)
    own = (each for each in _authors_own(there, generation, request, naming) if name in each.packages)
    pool = [
        bundle
        for bundle in [each for each in own if is_met(entry.line, (each.packages[name],))] or there
        if bundle.serves(asked)
        and (bundle.for_gpus or not needs_gpu)
        and taken.get(bundle.name, bundle) == bundle
        and not (request.wishes.pins == "exact" and not is_met(entry.line, (bundle.packages[name],)))
    ]

    def rank(bundle: Bundle) -> tuple[object, ...]:
        version = bundle.packages[name]
        met = is_met(entry.line, (version,))
        near = met or not is_another_major(entry.line, version)
        return met, near, bundle.for_gpus == needs_gpu, order(version), -len(bundle.rest)

    return max(pool, key=rank, default=None)


def _authors_own(known: Iterable[Bundle], generation: Generation, request: Request, naming: str) -> Iterator[Bundle]:
    """The modules of a generation that a script loads itself, in versions that no table may have: PyTorch/1.12.0 has
    torch 1.12.0. A hierarchy leaves out the toolchain, and shows the modules of the compiler that is loaded.
    """
    loaded = (*request.wishes.loaded, *request.wishes.later)
    shown = naming == "hierarchical" and generation.compiler in loaded
    for theirs in loaded:
        same = [each for each in known if each.name.lower() == knowledge.plain_name(theirs).lower()]
        listed = [each for each in same if each.name_at(naming, generation) == theirs]
        if listed:
            yield listed[0]
        elif same and "/" in theirs and (shown or generation.has(theirs)):
            version, hyphen, rest = theirs.rpartition("/")[2].partition("-")
            own = {name: version for name, of in same[-1].packages.items() if of == same[-1].version}
            yield Bundle(same[-1].name, version, hyphen + rest, own)


def _together(found: tuple[tuple[Entry, Bundle], ...], kept: tuple[Entry, ...]) -> tuple[tuple[Entry, Bundle], ...]:
    """Without packages whose companions are left to pip, or do not go with them: those belong together."""
    there = {knowledge.normalise(entry.target): bundle for entry, bundle in found}
    asked = {knowledge.normalise(entry.target) for entry in kept}
    apart: set[str] = set()
    for name in asked:
        pairs = [each for each in knowledge.companions(name) if each.name in asked and knowledge.wants_gpu_build(name)]
        close = [each for each in pairs if each.wanted == "=" or knowledge.wants_gpu_build(each.name)]
        if any((name in there) != (other.name in there) for other in close):
            apart |= {name, *(each.name for each in close)}
        apart |= {each for other in pairs if not _agree(name, other, there) for each in (name, other.name)}
    # What runs on torch brings it along as a module, and hides the one that pip installs.
    by_pip = [name for name in asked - (there.keys() - apart) if knowledge.wants_gpu_build(name)]
    left = frozenset(each for name in by_pip for each in _for_gpus(name))
    apart |= {name for name in there if not left.isdisjoint(_for_gpus(name))}
    return tuple(each for each in found if knowledge.normalise(each[0].target) not in apart)


def _for_gpus(name: str) -> frozenset[str]:
    """The packages with builds for GPUs that a package is or brings along."""
    brought = knowledge.with_requirements(frozenset({name}))
    return frozenset(each for each in brought if knowledge.wants_gpu_build(each))


def _agree(name: str, other: knowledge.Companion, there: dict[str, Bundle]) -> bool:
    if name not in there or other.name not in there:
        return True
    version, theirs = there[name].packages[name], there[other.name].packages[other.name]
    if other.versions and not is_met(other.versions, (version,)):
        return True
    return version == theirs if other.wanted == "=" else is_met(other.wanted, (theirs,))


def _programs(request: Request, generation: Generation) -> tuple[Entry, ...]:
    """The entries that a module may serve: programs and libraries, what the job calls, and names nobody knows."""
    wishes = request.wishes
    entries = [
        entry
        for entry in request.entries
        if entry.kind == "module" or (entry.kind == "unknown" and _program(entry, generation))
    ]
    own = {knowledge.plain_name(name).lower() for name in wishes.loaded}
    called = [
        Entry(program, "module", target=module)
        for program in wishes.programs
        if (request.environment.guess or program not in wishes.elsewhere)
        and (module := knowledge.program_module(program))
        and not any(each.target == module for each in entries)
    ]
    unknown = [entry for entry in request.entries if entry.kind == "unknown" and entry not in entries]
    there = [each for each in called if (found := _program(each, generation)) and found.name.lower() not in own]
    return (*entries, *there, *unknown)


def _program(entry: Entry, generation: Generation) -> Bundle | None:
    """The module of a program or library: in the version asked for, else the nearest above, else the newest."""
    name = _OF_R if entry.target == R and entry.why else entry.target or entry.name
    pool = [each for each in knowledge.bundles_called(name, generation.name) if not each.for_gpus]
    asked = [each for each in pool if entry.specifier and meets(each.version, entry.specifier)]
    number = re.search(r"\d[\w.]*", entry.specifier)
    above = [each.version for each in pool if number and order(each.version) >= order(number[0])]
    if above and not asked and not entry.specifier.startswith("<"):
        nearest = min(above, key=order)
        asked = [each for each in pool if each.version == nearest]
    return max(asked or pool, key=lambda each: (order(each.version), -len(each.rest)), default=None)


def _not_there(entry: Entry, generation: Generation) -> str:
    if entry.kind == "unknown":
        return entry.why
    others = [each.name for each in knowledge.generations().values() if _program(entry, each)]
    if others:
        return phrase(
            "no module of it is known in {generation}, only in {other}", generation=generation.name, other=others[-1]
        )
    return phrase("no module of it is known in {generation}", generation=generation.name)
