"""Writes the requirement lines, and says which of them no wheel meets."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from slurmfix import knowledge
from slurmfix.environment import Environment
from slurmfix.matchspec import pin, to_pep440
from slurmfix.recipe.classes import Entry, is_interpreter
from slurmfix.recipe.python import meets
from slurmfix.recipe.recipe import Facts, LeftOut, Wishes

if TYPE_CHECKING:  # read when it is needed: start-up time
    from packaging.version import Version


@dataclass(frozen=True, slots=True)
class Wheels:
    """The requirement lines, what fell out of them, and what is doubtful about those that stay."""

    requirements: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[str, ...] = ()


def merge(entries: tuple[Entry, ...], python: str = "") -> tuple[Entry, ...]:
    """One entry for each PyPI name: conda splits packages (pytorch-cpu), and pip may have asked again, later.

    As long as no Python says which of them hold, what stands under different markers stays apart.
    """
    found: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        name = knowledge.normalise(entry.target)
        marker = entry.marker if entry.line and not python else ""
        before = found.get((name, marker))
        found[name, marker] = _both(before, entry) if before else entry
    return tuple(found[key] for key in sorted(found))


def _both(before: Entry, later: Entry) -> Entry:
    """What meets two requests for one package; the later request alone, and a note, where nothing meets both."""
    last = later if later.specifier else before
    extras = tuple(sorted({*before.extras, *later.extras}))
    both = replace(last, extras=extras, marker=before.marker and later.marker)
    if not (before.line and later.line) or before.line == later.line or before.found or later.found:
        return both  # of what was installed, the later lies over the earlier
    parts = dict.fromkeys(f"{before.line},{later.line}".split(","))
    exact = [part for part in parts if re.fullmatch(r"==[^*]+", part)]
    if not _possible(tuple(parts)):
        said = f"{later.target}{before.line} and {later.target}{later.line} contradict each other"
        return replace(both, note=f"{said}: the later is taken.")
    return replace(
        both,
        line=exact[0] if exact else ",".join(parts),
        specifier=",".join(dict.fromkeys(f"{before.specifier},{later.specifier}".split(","))),
    )


def _possible(parts: tuple[str, ...]) -> bool:
    """Whether some version meets all parts: one that a part names, or that lies just above or below it."""
    from packaging.specifiers import SpecifierSet

    wanted = SpecifierSet(",".join(parts))
    numbers = [[int(piece) for piece in number.split(".")] for number in re.findall(r"\d+(?:\.\d+)*", " ".join(parts))]
    near = {part.lstrip("=") for part in parts if re.fullmatch(r"==[^*=]+", part)}
    for number in numbers:
        below = number[:]
        while below and not below[-1]:
            below.pop()
        if below:
            below[-1] -= 1
        near |= {".".join(map(str, pieces)) for pieces in (number, [*number, 1], [*(below or [0]), 9999])}
    return any(wanted.contains(version, prereleases=True) for version in near)


def requirement(entry: Entry) -> str:
    """The line of a requirements file: `name[extra]>=1 ; marker`."""
    extras = f"[{','.join(sorted(entry.extras))}]" if entry.extras else ""
    marker = f" ; {entry.marker}" if entry.marker else ""
    return f"{entry.target}{extras}{entry.line}{marker}"


def look_up(entries: tuple[Entry, ...], python: str, environment: Environment, wishes: Wishes, facts: Facts) -> Wheels:
    """The requirement lines for this Python, checked against the cluster's answers, else against the snapshot."""
    wheelhouse = knowledge.profile(wishes.profile).wheelhouse
    lines, left_out, doubts = [], list[LeftOut](), []
    if wishes.pins == "compatible" and _other_python(environment, python):
        entries = tuple(_unbounded(entry) for entry in entries)
    hold = tuple(entry for entry in entries if not entry.marker or _holds(entry.marker, python))
    names = {knowledge.normalise(entry.target) for entry in hold}
    others = tuple(entry for entry in entries if knowledge.normalise(entry.target) not in names)
    for entry in (*merge(hold, python), *merge(others, python)):
        if entry.note:
            doubts.append(entry.note)
        if not _readable(requirement(entry)):
            left_out.append(
                LeftOut(entry.name, "its name, version, extras or marker is none that pip reads", "unknown")
            )
            continue
        if entry.marker and not _holds(entry.marker, python):
            left_out.append(LeftOut(entry.name, f"its marker `{entry.marker}` does not hold on the cluster", "dropped"))
            continue
        if wheelhouse and (other := _nearest_wheel(entry, wishes, facts)):
            doubts.append(f"{entry.target}{entry.line} has no wheel on this cluster: {other} is taken, the nearest.")
            entry = replace(entry, line=other)
        fails = trouble(entry, python, facts) if wheelhouse else ""
        known = knowledge.wheel_pythons(entry.target) or facts.wheels.get(knowledge.normalise(entry.target))
        if fails and environment.export and not known:
            why = "the wheelhouse has no wheel of it; in a full listing it may only have come along"
            left_out.append(LeftOut(entry.name, why, "unknown"))
            continue
        if fails:
            doubts.append(fails)
        lines.append(requirement(entry))
    return Wheels(tuple(sorted(lines, key=str.lower)), tuple(left_out), tuple(doubts))


def _other_python(environment: Environment, python: str) -> bool:
    """Whether the environment had to leave its own Python, for which its versions were chosen."""
    asked = (to_pep440(package.version).specifier for package in environment.packages if is_interpreter(package))
    return not all(meets(python, specifier) for specifier in asked)


def _unbounded(entry: Entry) -> Entry:
    """0.23, which nobody asked for, without an upper bound: another Python seldom has wheels of 0.x, only of 1.x."""
    return replace(entry, line=entry.line.replace("~=", ">=")) if entry.found and entry.line[:4] == "~=0." else entry


def _nearest_wheel(entry: Entry, wishes: Wishes, facts: Facts) -> str:
    """The constraint for the nearest version with a wheel, where nobody asked for the one without; else ""."""
    answer = facts.wheels.get(knowledge.normalise(entry.target), ())
    real = [version for version in answer if "+dummy" not in version]
    if not real or not entry.line or not entry.found or wishes.pins != "compatible":
        return ""
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    versions = sorted(map(Version, real))
    wanted = SpecifierSet(entry.line)
    if any(wanted.contains(version, prereleases=True) for version in versions):
        return ""
    return pin(f"=={_nearest(entry.line, versions).public}", wishes.pins, True)


_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


def _readable(line: str) -> bool:
    if _NAME.fullmatch(line):
        return True  # packaging would say the same, and takes 30 ms to load
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        Requirement(line)
    except InvalidRequirement:
        return False
    return line.isprintable()


def trouble(entry: Entry, python: str, facts: Facts) -> str:
    """Why the installation will fail for want of a wheel; empty where nothing says so."""
    name = knowledge.normalise(entry.target)
    answer = facts.wheels.get(name)
    if answer is not None:
        return _trouble_of_answer(entry, python, answer, facts)
    pythons = knowledge.wheel_pythons(name)
    if python in pythons:
        return ""
    fails = "the installation will stop there"
    if pythons:
        others = f"only for {', '.join(pythons)} ({knowledge.date('wheel_versions')})"
        return f"{entry.target} has no wheel for Python {python}, {others}: {fails}."
    return (
        f"{entry.target} was not in the wheelhouse on {knowledge.date('wheel_versions')}: {fails} "
        f"unless `avail_wheels {entry.target}` shows one; "
        "else take the line out, or download it on a login node (`pip download --no-deps`)."
    )


def _trouble_of_answer(entry: Entry, python: str, answer: tuple[str, ...], facts: Facts) -> str:
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    if not answer:
        others = ", ".join(facts.pythons.get(knowledge.normalise(entry.target), ()))
        only = f", only for {others}" if others else ""
        return (
            f"{entry.target} has no wheel for Python {python} on this cluster{only}: the installation will stop there."
        )
    if all("+dummy" in version for version in answer):
        return f"{entry.target} has only a dummy wheel: a module carries it (`module spider {entry.target}`)."
    versions = sorted(Version(version) for version in answer if "+dummy" not in version)
    wanted = SpecifierSet(entry.line)
    if any(wanted.contains(version, prereleases=True) for version in versions):
        return ""
    nearest = _nearest(entry.line, versions)
    return f"{entry.target}{entry.line} has no wheel on this cluster; the nearest version with one is {nearest.public}."


def _nearest(specifier: str, versions: list[Version]) -> Version:
    """The first version above the number that a specifier names, else the newest."""
    from packaging.version import Version

    number = re.search(r"\d+(?:\.\d+)*", specifier)
    above = [version for version in versions if number and version >= Version(number[0])]
    return above[0] if above else versions[-1]


def _holds(marker: str, python: str) -> bool:
    """Whether a marker holds on a cluster node: Linux on x86_64, CPython."""
    from packaging.markers import InvalidMarker, Marker

    node = {
        "os_name": "posix",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": "x86_64",
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "extra": "",
    }
    try:
        return Marker(marker).evaluate(node)
    except InvalidMarker:
        return True
