"""Holds the lines of a requirements file to versions that go together: pip installs all of them, or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from slurmfix import knowledge
from slurmfix.matchspec import pin
from slurmfix.recipe.lines import Line
from slurmfix.recipe.messages import AT_ODDS
from slurmfix.recipe.nearest import is_met, meeting, nearest, step
from slurmfix.recipe.python import some
from slurmfix.remarks import Remark, phrase

_OTHERS = "other versions do not go together with {packages}"
_NEEDED = "other versions need {packages} in a version that has no wheel for Python {python}"
_LEFT_TO_PIP = "other packages of the list need it, and pip takes the version that they accept"
_MOST_MOVES = 40  # more would go in circles
Choice = Mapping[str, Sequence[str]]  # the versions of each package that may still be taken


@dataclass(frozen=True, slots=True)
class Lacking:
    """A package that pip cannot install, since no wheel meets what it `needs`: `jellyfish>=0.7`, as name and bounds."""

    name: str
    needs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """The lines of which all go together but those that are `lacking`, and doubts of what does not."""

    lines: tuple[Line, ...]
    lacking: tuple[Lacking, ...] = ()
    doubts: tuple[Remark, ...] = ()


def agreeing(lines: tuple[Line, ...], python: str, pins: str, imported: Set[str] = frozenset()) -> Agreement:
    """The lines, some of them in other versions so that all go together; and what goes with nothing.

    Of a full listing, what its other packages need is left to pip, first what the job does not import (`imported`:
    normalised PyPI names). What a person asked for is moved last.
    """
    waiting = {line.name: line for line in lines if line.versions and not line.entry.url}
    extras = {line.name: line.entry.extras for line in waiting.values()}
    wheels = Wheels(python, frozenset(line.name for line in lines if line.name not in waiting), extras)
    if not any(line.entry.line for line in waiting.values()):
        return Agreement(lines, tuple(_never_met(waiting.values(), wheels)))  # of any version, some go together
    taken: dict[str, Line] = {}
    lacking: list[Lacking] = []
    doubts: list[Remark] = []
    moves = _MOST_MOVES if pins == "compatible" else 0
    while behind := _at_odds(_choice(waiting.values()), wheels):
        at_odds = tuple(line for line in waiting.values() if line.name in behind)
        held: tuple[Line, ...] = ()
        if moves:
            held = _let_go(at_odds, wheels, imported) or _eased(at_odds, behind, wheels) or _let_go(at_odds, wheels)
        if held:
            moves -= 1
            changed = {line.name: line for line in held}
            taken, waiting = taken | changed, waiting | changed
            continue
        if len(at_odds) == 1:
            lacking.append(_lacking(at_odds[0], behind, wheels))
        else:
            doubts.append(AT_ODDS.about(packages=some([line.entry.target for line in at_odds])))
        waiting = {name: line for name, line in waiting.items() if name not in behind}
    return Agreement(tuple(taken.get(line.name, line) for line in lines), tuple(lacking), tuple(doubts))


def _never_met(lines: Iterable[Line], wheels: Wheels) -> Iterator[Lacking]:
    """The packages of which each version needs one that has no wheel at all for this Python."""
    for line in lines:
        needs = [wheels.needs(line.name, version) for version in reversed(line.versions)]
        if all(any(not wheels.versions(name) for name in wanted) for wanted in needs):
            yield Lacking(line.name, tuple(need for need in needs[0].items() if not wheels.versions(need[0])))


def _lacking(line: Line, behind: Set[str], wheels: Wheels) -> Lacking:
    wanted = wheels.needs(line.name, line.newest)
    return Lacking(line.name, tuple((name, wanted.get(name, "")) for name in sorted(behind - {line.name})))


@dataclass(frozen=True, slots=True)
class Wheels:
    """The wheels for a Python, and what they require; of the packages in `unknown` nobody knows the versions."""

    python: str
    unknown: frozenset[str]
    extras: Mapping[str, tuple[str, ...]]

    def versions(self, name: str) -> tuple[str, ...]:
        return knowledge.wheel_versions(name, self.python)

    def needs(self, name: str, version: str) -> dict[str, str]:
        """What a version of a package requires: the bounds of other packages."""
        wanted = knowledge.wheel_requirements(name, version, self.python, self.extras.get(name, ()))
        found: dict[str, str] = {}
        for other, bounds in wanted:
            if other not in self.unknown:
                found[other] = ",".join(filter(None, (found.get(other, ""), bounds)))
        return found


def _choice(lines: Iterable[Line]) -> dict[str, Sequence[str]]:
    return {line.name: meeting(line.entry.line, line.versions) or line.versions for line in lines}


def _let_go(lines: tuple[Line, ...], wheels: Wheels, kept: Set[str] = frozenset()) -> tuple[Line, ...]:
    """Those lines of a full listing that other ones of it need, without their bounds."""
    needed = {other for line in lines for version in line.versions for other in wheels.needs(line.name, version)}
    listed = (line for line in lines if line.entry.found and line.entry.line and line.name in needed - kept)
    return tuple(line.held("", phrase(_LEFT_TO_PIP)) for line in listed)


def _eased(lines: tuple[Line, ...], behind: Set[str], wheels: Wheels) -> tuple[Line, ...]:
    """One of the lines in the nearest version with which all of them go together; () where there is none.

    Of several lines that can be moved one of a full listing, then the one with the smallest step (of one that has moved
    before, from where it is); of two that change their major release one that has moved before.
    """
    moves = []
    for line in lines:
        if version := _nearest_with(lines, line, wheels):
            size = step(f"=={line.newest}" if line.told else line.asked or line.entry.line, version)
            moves.append((not line.entry.found, min(size, 2), not line.told, size, line.name, line, version))
    if not moves:
        return ()
    *_, line, version = min(moves, key=lambda move: move[:5])
    others = [f"{each.entry.target} {each.newest}" for each in lines if each is not line]
    needed = phrase(_NEEDED, packages=", ".join(sorted(behind - {line.name})), python=wheels.python)
    why = phrase(_OTHERS, packages=", ".join(others)) if others else needed
    return (line.held(pin(f"=={version}", "compatible", line.entry.found), why),)


def _nearest_with(lines: tuple[Line, ...], line: Line, wheels: Wheels) -> str:
    """The version of a line, nearest to what was asked for, with which all go together; "" where there is none."""
    choice = _choice(lines)
    left = list(line.versions)
    while left:
        version = nearest(line.asked or line.entry.line, tuple(left))
        left.remove(version)
        choice[line.name] = (version,)
        if not _at_odds(choice, wheels):
            return version
    return ""


def _at_odds(choice: Choice, wheels: Wheels) -> set[str]:
    """The packages of which no versions go together, with what they need; none where all may."""
    search = _Search(wheels, set(choice), {name: list(versions) for name, versions in choice.items()})
    empty = search.narrowed()
    return search.behind(empty) if empty else set()


@dataclass(slots=True)
class _Search:
    """Takes from each package the versions that go with no version of another one, until nothing changes.

    Packages that are installed for `certain` are those that are listed, and what all versions of one of these need.
    """

    wheels: Wheels
    certain: set[str]
    left: dict[str, list[str]]
    by: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # who took versions from a package
    users: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # which packages need a package

    def narrowed(self) -> str:
        """The first package of which no version is left, "" where each has some."""
        waiting = dict.fromkeys(self.left)
        while waiting:
            name, _ = waiting.popitem()
            for changed in self._looked_at(name):
                if not self.left[changed]:
                    return changed
                waiting |= dict.fromkeys((changed, *self.users[changed]))
        return ""

    def behind(self, empty: str) -> set[str]:
        """The packages that have a part in it that one has no version left."""
        found, waiting = {empty}, [empty]
        while waiting:
            new = self.by[waiting.pop()] - found
            found |= new
            waiting += new
        return found

    def _looked_at(self, name: str) -> set[str]:
        """The packages to look at again: those that lost a version, and those that are certain from now on."""
        needs = {version: self.wheels.needs(name, version) for version in self._of(name)}
        for other in set().union(*needs.values()):
            self.users[other].add(name)
        refused = {version: self._refused(wanted) for version, wanted in needs.items()}
        kept = [version for version in self.left[name] if not refused[version]]
        changed = self._take(name, kept, set().union(*refused.values()))
        wanted = [needs[version] for version in kept] if name in self.certain else []
        for other in set(wanted[0]).intersection(*wanted) if wanted else ():
            if other not in self.certain:
                self.certain.add(other)
                self.by[other].add(name)  # without this one, nothing would be asked of it
                changed.add(other)
            bounds = {each[other] for each in wanted}
            taken = [version for version in self._of(other) if any(is_met(bound, (version,)) for bound in bounds)]
            changed |= self._take(other, taken, {name})
        return changed

    def _refused(self, wanted: Mapping[str, str]) -> set[str]:
        """The packages of which no version is left that meets what is wanted of it."""
        return {
            other
            for other, bounds in wanted.items()
            if not any(is_met(bounds, (version,)) for version in reversed(self._of(other)))
        }

    def _take(self, name: str, kept: list[str], by: set[str]) -> set[str]:
        """Leave some versions of a package; its name, where it lost one."""
        if len(kept) == len(self.left[name]):
            return set()
        self.left[name] = kept
        self.by[name] |= by
        return {name}

    def _of(self, name: str) -> list[str]:
        if name not in self.left:
            self.left[name] = list(self.wheels.versions(name))
        return self.left[name]
