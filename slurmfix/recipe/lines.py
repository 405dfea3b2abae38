"""The line of a requirements file for each package: a version that some wheel meets, and what was asked for."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from slurmfix import knowledge
from slurmfix.matchspec import pin
from slurmfix.recipe.classes import Entry
from slurmfix.recipe.messages import ANOTHER_MAJOR, KEPT_WITHOUT_WHEEL, LISTING_OPENED, VERSION_CHOSEN, VERSION_MOVED
from slurmfix.recipe.nearest import is_another_major, is_met, meeting, named_in, nearest, step
from slurmfix.recipe.recipe import Changed, Facts, Prepared
from slurmfix.remarks import joined, phrase

_BECOMES = "{package} {asked} becomes {taken}"
_INSTEAD = "{taken} instead of {asked}"
_MOST_TAKEN = 3  # of the versions that take the place of others
_ANOTHER_MAJOR = 2  # steps further lead to an older one
_GOES_WITH = "{package} {version} needs this version"
_INDEXES = ("--extra-index-url", "--index-url", "-i ", "--find-links", "-f ")  # where else pip looks
WHEELS = "wheels"  # beside the requirements file: what was fetched on a login node


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement: `entry.line` is what pip is given, `versions` are those of the wheels for the Python, oldest
    first. `why` says why another version than the one asked for is taken, "" where it is the one.
    """

    entry: Entry
    versions: tuple[str, ...]
    asked: str
    why: str = ""
    told: bool = False  # a person has to know of it; what only holds a companion back is no change of theirs

    @property
    def name(self) -> str:
        return knowledge.normalise(self.entry.target)

    @property
    def newest(self) -> str:
        """The version that pip takes, "" where no wheel is there."""
        return next(reversed(meeting(self.entry.line, self.versions)), "")

    @property
    def changed(self) -> bool:
        return bool(self.why)

    def held(self, line: str, why: str, told: bool = True) -> Line:
        return replace(self, entry=replace(self.entry, line=line), why=why, told=told)


def wheels_of(pypi: str, python: str, facts: Facts) -> tuple[str, ...]:
    """The versions that have a wheel for a Python, oldest first: by the cluster's answer, else by the table."""
    answer = facts.wheels.get(knowledge.normalise(pypi))
    if answer is None:
        return knowledge.wheel_versions(pypi, python)
    from packaging.version import Version

    real = (Version(version) for version in answer if "+dummy" not in version)
    return tuple(dict.fromkeys(version.public for version in sorted(real)))


def line_of(entry: Entry, python: str, pins: str, facts: Facts) -> Line:
    """The line of a package, in the nearest version that has a wheel where none has the one asked for."""
    versions = wheels_of(entry.target, python, facts)
    line = Line(entry, versions, entry.specifier or entry.line)
    if not versions or pins != "compatible" or is_met(entry.line, versions):
        return line
    version = nearest(entry.line, versions)
    if _is_older(line, version):
        return replace(line, versions=())  # an older major release is another program: this one can be prepared
    taken = f"=={version}"
    return line.held(
        pin(taken, pins, entry.found),
        phrase("the cluster has no wheel of this version for Python {python}", python=python),
    )


def _is_older(line: Line, version: str) -> bool:
    """Whether a person asks for a later major release than the cluster has, of a pure package that PyPI has, too."""
    entry = line.entry
    by_year = len(version.split(".")[0]) >= len("2000")
    if entry.found or by_year or step(entry.line, version) <= _ANOTHER_MAJOR:
        return False
    return knowledge.is_pure(entry.target, version) and not named_in(
        entry.line, knowledge.versions_of_conda(entry.target)
    )


def together(lines: tuple[Line, ...], pins: str, carried: tuple[Line, ...] = ()) -> tuple[Line, ...]:
    """The lines with the versions of packages that belong together, of which one was held to another version or has
    none: torchvision to torch, numpy to what was built for its first major version. `carried` are the packages that
    modules bring: what is held to their versions has a line of its own.
    """
    if pins != "compatible":
        return lines
    found = {line.name: line for line in (*lines, *carried)}
    for name in tuple(found):
        found[name] = _kept_near(found[name], found)
        for companion in knowledge.companions(name):
            leader, other = found[name], found.get(companion.name)
            if other is None or not leader.newest or not other.versions:
                continue
            if not companion.versions or is_met(companion.versions, (leader.newest,)):
                found |= _agreed(leader, other, companion.wanted)
    return tuple(found.get(line.name, line) for line in lines)


def _kept_near(leader: Line, found: Mapping[str, Line]) -> Line:
    """A line that leaves its version open, but not so far that a companion has to leave the versions asked for.

    Of a full listing the listed version is looked at first, of any other line the newest.
    """
    others = [(each, found[each.name]) for each in knowledge.companions(leader.name) if each.name in found]
    held = [(each, line) for each, line in others if line.entry.line and not line.told]
    if not held or leader.told or not leader.newest:
        return leader
    if all(_goes_with(line, each, leader.newest) for each, line in held):
        return leader
    versions = tuple(reversed(meeting(leader.entry.line, leader.versions)))
    if leader.entry.found:
        versions = (nearest(leader.asked, leader.versions), leader.newest)
    best = min(versions, key=lambda version: sum(not _goes_with(line, each, version) for each, line in held))
    if best == leader.newest:
        return leader
    by = next(line for each, line in held if not _goes_with(line, each, leader.newest))
    words = phrase(_GOES_WITH, package=by.entry.target, version=by.asked.lstrip("=").removesuffix(".*"))
    return leader.held(f"=={best}", words, told=False)


def _goes_with(line: Line, companion: knowledge.Companion, version: str) -> bool:
    """Whether a companion's line has a version that this one of its leader allows."""
    if companion.wanted == "=":
        return is_met(line.entry.line, (version,))
    if companion.versions and not is_met(companion.versions, (version,)):
        return True
    return is_met(",".join(filter(None, (line.entry.line, companion.wanted))), line.versions)


def _agreed(leader: Line, other: Line, wanted: str) -> dict[str, Line]:
    """Two lines of which the second is held to what the version of the first allows."""
    if wanted == "=":
        return _same(leader, other)
    if is_met(wanted, (other.newest,)):
        return {}
    by = phrase(_GOES_WITH, package=leader.entry.target, version=leader.newest)
    both = ",".join(filter(None, (other.entry.line, wanted)))
    if is_met(both, other.versions) and "==" not in other.entry.line:
        return {other.name: other.held(both, by, told=other.told)}
    allowed = meeting(wanted, other.versions)
    taken = nearest(other.asked or other.entry.line, allowed) if allowed else ""
    return {other.name: other.held(f"=={taken}", by)} if taken else {}


def _same(leader: Line, other: Line) -> dict[str, Line]:
    """Two lines in one version: the newest that both have, of those that the first allows."""
    if leader.newest == other.newest:
        return {}
    shared = [version for version in meeting(leader.entry.line, leader.versions) if version in other.versions]
    if not shared:
        return {}
    held = {
        other.name: other.held(f"=={shared[-1]}", phrase(_GOES_WITH, package=leader.entry.target, version=shared[-1]))
    }
    if shared[-1] != leader.newest:
        held[leader.name] = leader.held(
            f"=={shared[-1]}", phrase(_GOES_WITH, package=other.entry.target, version=shared[-1])
        )
    return held


def changed(lines: tuple[Line, ...]) -> tuple[Changed, ...]:
    """What has another version than was asked for."""
    return tuple(Changed(line.entry.target, line.asked, line.entry.line, line.why) for line in lines if line.changed)


def version_doubts(lines: tuple[Line, ...], python: str, pins: str) -> tuple[str, ...]:
    """What a person should know of the versions that were changed, and of those that no wheel meets."""
    moved = [line for line in lines if line.told]
    listed = [phrase(_INSTEAD, taken=_spelled(line), asked=_plain(line.asked)) for line in moved if line.entry.found]
    doubts = [_moved(line) for line in moved if not line.entry.found]
    if listed:
        doubts.append(LISTING_OPENED.about(count=len(listed), taken=joined(listed[:_MOST_TAKEN], ", ")))
    chosen = [line for line in moved if line.newest and line.entry.line]
    other = [line for line in chosen if is_another_major(line.asked, line.newest)]
    if other:
        each = [phrase(_BECOMES, package=x.entry.target, asked=_plain(x.asked), taken=x.newest) for x in other]
        doubts.append(ANOTHER_MAJOR.about(changes=joined(each, ", ")))
    if pins != "compatible":
        doubts += [
            KEPT_WITHOUT_WHEEL.about(
                requirement=f"{line.entry.target}{line.entry.line}",
                python=python,
                pins=pins,
                nearest=nearest(line.entry.line, line.versions),
            )
            for line in lines
            if line.versions and not is_met(line.entry.line, line.versions)
        ]
    return tuple(doubts)


def _moved(line: Line) -> str:
    if not line.asked:
        return VERSION_CHOSEN.about(requirement=f"{line.entry.target}{line.entry.line}", why=line.why)
    taken = _spelled(line)
    return VERSION_MOVED.about(requirement=f"{line.entry.target}{line.asked}", why=line.why, taken=taken)


def _spelled(line: Line) -> str:
    """A package in its version as people write both: `torch 2.1.1`, `click~=8.1`."""
    version = _plain(line.entry.line)
    if not version:
        return phrase("any {package}", package=line.entry.target)
    return f"{line.entry.target} {version}" if version[:1].isdigit() else f"{line.entry.target}{version}"


def _plain(specifier: str) -> str:
    return specifier.removeprefix("==").removesuffix(".*")


def prepared(entry: Entry, requirement: str, options: Sequence[str] = ()) -> Prepared:
    """How a package without a wheel is fetched on a login node; `options` are those of the environment's own list."""
    if entry.url:
        return Prepared(requirement, f"pip wheel --no-deps -w {WHEELS} {shlex.quote(entry.url)}")
    asked = requirement.partition(" ;")[0]
    indexes = [shlex.join(option.split()) for option in options if option.startswith(_INDEXES)]
    return Prepared(requirement, " ".join(["pip download --no-deps -d", WHEELS, *indexes, shlex.quote(asked)]))
