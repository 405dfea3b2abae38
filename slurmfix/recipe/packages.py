"""The Python packages of an environment as lines of a requirements file: which are met, changed, prepared, left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from slurmfix import knowledge
from slurmfix.environment import Environment
from slurmfix.recipe.agreement import Lacking, agreeing
from slurmfix.recipe.classes import Entry
from slurmfix.recipe.lines import Line, changed, line_of, prepared, together, version_doubts
from slurmfix.recipe.merged import holds, is_readable, merge, requirement
from slurmfix.recipe.messages import FETCH_ONCE, FETCH_THEM, LISTING_LOOSENED
from slurmfix.recipe.needs import WheelNeeds
from slurmfix.recipe.python import some
from slurmfix.recipe.recipe import Changed, Facts, LeftOut, Need, Prepared, Wishes
from slurmfix.remarks import phrase

_FEW = 4  # so many sentences of one kind; more are put into one


@dataclass(frozen=True, slots=True)
class Packages:
    """The lines that go into the file, and the modules that their wheels need."""

    requirements: tuple[str, ...]
    needs: tuple[Need, ...] = ()
    changed: tuple[Changed, ...] = ()
    prepared: tuple[Prepared, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[str, ...] = ()


def on_this_python(entries: tuple[Entry, ...], python: str) -> tuple[tuple[Entry, ...], tuple[LeftOut, ...]]:
    """One entry a package, of those whose markers hold, and what is left out: the others, and what pip cannot read."""
    hold = tuple(entry for entry in entries if not entry.marker or holds(entry.marker, python))
    names = {knowledge.normalise(entry.target) for entry in hold}
    others = tuple(entry for entry in entries if knowledge.normalise(entry.target) not in names)
    kept, left_out = [], []
    for entry in merge(hold, python):
        if is_readable(requirement(entry)):
            kept.append(entry)
        else:
            why = phrase("pip cannot read its name, version, extras or condition")
            left_out.append(LeftOut(entry.name, why, "unknown"))
    for entry in merge(others, python):
        left_out.append(
            LeftOut(
                entry.name,
                phrase("its condition `{marker}` is not true on the cluster", marker=entry.marker),
                "dropped",
            )
        )
    return tuple(kept), tuple(left_out)


def without_wheelhouse(entries: tuple[Entry, ...], python: str) -> Packages:
    """The lines of a cluster whose pip reads an index of its own: nothing is known of what that has."""
    kept, left_out = on_this_python(entries, python)
    notes = tuple(entry.note for entry in kept if entry.note)
    return Packages(_sorted(requirement(entry) for entry in kept), left_out=left_out, doubts=notes)


def from_wheelhouse(
    entries: tuple[Entry, ...], environment: Environment, wheels: WheelNeeds, wishes: Wishes, facts: Facts
) -> Packages:
    """The lines of a cluster's own wheelhouse, each met by a wheel for the Python, or prepared."""
    python = wheels.python
    kept, left_out = on_this_python(entries, python)
    notes = tuple(entry.note for entry in kept if entry.note)
    lines = tuple(line_of(entry, python, wishes.pins, facts) for entry in _with_gpu(kept, wishes))
    imported = frozenset(knowledge.normalise(knowledge.pypi_name_of_import(name) or name) for name in wishes.imports)
    used = imported.union(map(knowledge.normalise, wishes.programs))
    gone = {line.name for line in lines if line.name not in used and _may_have_come_along(line, environment, python)}
    lines, needs = wheels.needed(tuple(line for line in lines if line.name not in gone))
    lines = together((*lines, *wheels.beside_modules(lines)), wishes.pins, wheels.carried)
    agreed = agreeing(lines, python, wishes.pins, imported)
    useless = {each.name: each for each in agreed.lacking if environment.export and each.name not in used}
    beside = [line for each in agreed.lacking if each.name not in useless for line in _needed(each, python)]
    lines = (*(line for line in agreed.lines if line.name not in useless), *beside)
    bare = tuple(line for line in lines if not line.versions or line.entry.url)
    fetched = tuple(prepared(line.entry, requirement(line.entry), environment.pip_options) for line in bare)
    why = phrase("no wheel for Python {python}, and perhaps only a dependency of another package", python=python)
    reasons = {**dict.fromkeys(gone, why), **{name: _why_useless(each, python) for name, each in useless.items()}}
    left_out += tuple(
        LeftOut(entry.name, reasons[name], "unknown")
        for entry in kept
        if (name := knowledge.normalise(entry.target)) in reasons
    )
    doubts = (
        *notes,
        *_opened(lines, environment),
        *version_doubts(lines, python, wishes.pins),
        *agreed.doubts,
        *_fetched(bare, fetched, python, facts),
    )
    requirements = _sorted(requirement(line.entry) for line in lines)
    return Packages(requirements, needs, changed(lines), fetched, left_out, doubts)


def _needed(lacking: Lacking, python: str) -> Iterator[Line]:
    """The lines of what another package needs, and no wheel meets."""
    words = "{package} needs this package, and the cluster has no wheel for Python {python}"
    for name, bounds in lacking.needs:
        why = phrase(words, package=lacking.name, python=python)
        yield Line(Entry("", "python", why=why, target=name, specifier=bounds, line=bounds), (), bounds)


def _why_useless(lacking: Lacking, python: str) -> str:
    needs = ", ".join(f"{name}{bounds}" for name, bounds in lacking.needs)
    return phrase("pip cannot install it for Python {python}, where {needs} is missing", python=python, needs=needs)


def _sorted(lines: object) -> tuple[str, ...]:
    return tuple(sorted(lines, key=str.lower))  # type: ignore[call-overload]


def _with_gpu(entries: tuple[Entry, ...], wishes: Wishes) -> tuple[Entry, ...]:
    """The packages with what each needs beside it to compute on a GPU, where the job or its own extras ask for that."""
    found: list[Entry] = []
    beside: dict[str, Entry] = {}
    for entry in entries:
        package = knowledge.gpu_package(entry.target)
        ours = tuple(extra for extra in entry.extras if not extra.startswith("cuda"))
        if package and (wishes.gpu or entry.gpu or ours != entry.extras):
            entry = replace(entry, extras=ours)
            beside[package] = Entry("", "python", target=package)
        found.append(entry)
    there = {knowledge.normalise(entry.target) for entry in found}
    return (*found, *(entry for name, entry in beside.items() if name not in there))


def _may_have_come_along(line: Line, environment: Environment, python: str) -> bool:
    """Whether a package without a wheel stands in a full listing, so that nobody may have asked for it."""
    known = python in knowledge.listed_pythons()
    return known and environment.export and not line.versions and not line.entry.url


def _opened(lines: tuple[Line, ...], environment: Environment) -> tuple[str, ...]:
    """That the versions of a full listing were opened, once for all of them."""
    found = [line for line in lines if line.entry.found and line.entry.line != line.asked and not line.told]
    if not found or not environment.export:
        return ()
    first = found[0].entry
    return (LISTING_LOOSENED.about(count=len(found), example=f"{first.target}{first.line}"),)


def _fetched(lines: tuple[Line, ...], fetched: tuple[Prepared, ...], python: str, facts: Facts) -> tuple[str, ...]:
    """What must be fetched before the job is submitted, and why."""
    if len(lines) > _FEW:
        names = tuple(line.entry.target for line in lines)
        return (FETCH_THEM.about(packages=some(names)),)
    return tuple(
        FETCH_ONCE.about(package=line.entry.target, why=_why_not(line, python, facts), command=each.command)
        for line, each in zip(lines, fetched, strict=True)
    )


def _why_not(line: Line, python: str, facts: Facts) -> str:
    if line.entry.url:
        return phrase("the package comes from an address, which no job reaches")
    if not line.entry.name and line.entry.why:
        return line.entry.why
    if knowledge.is_dummy(line.name) or facts.wheels.get(line.name):
        return phrase(
            "the cluster has a module for the package, which `module spider {name}` finds, and no wheel", name=line.name
        )
    if line.name not in facts.wheels and knowledge.wheel_versions(line.name, python):
        return phrase("the cluster has only older versions for Python {python}", python=python)
    if python not in knowledge.listed_pythons():
        return phrase("slurmfix has no list of the cluster's packages for Python {python}", python=python)
    pythons = facts.pythons.get(line.name, ()) or knowledge.wheel_pythons(line.name)
    if pythons:
        return phrase(_FOR_OTHERS, python=python, others=", ".join(pythons))
    return phrase("the cluster has no wheel for Python {python}", python=python)


_FOR_OTHERS = "the cluster has no wheel for Python {python}, only for {others}"
