"""Variables of the script that nothing reads any more once conda's lines are gone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from slurmfix.plan.remove import removal
from slurmfix.plan.step import Step
from slurmfix.shell import Assignment, Command, Script
from slurmfix.text import Edit, Lines, Span

# What may read any variable of the script: text that is not seen, and names that are made up.
_READS_ANY = re.compile(
    r"(?:^|[\s;&|({])(?:source|\.|eval|declare|typeset|compgen|set -(?:a|o allexport))\s|\$\{!", re.M
)
# What programs and the shell itself read, whether the script exports it or not.
_OF_OTHERS = re.compile(
    r"(?:LD|OMP|MKL|PYTHON|BASH|SLURM|SBATCH|SRUN|CUDA|LC|PS)_?\w*|\w*TMPDIR|PATH|HOME|IFS|USER|SHELL|LANG"
)
_WORD = re.compile(r"\w+")
_RUNS = re.compile(r"\$\(|`|\$\{\w+:?[=?]|\$\(\(")


def without_unread(script: Script, lines: Lines, steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps, where those that took the last uses of a variable out take its assignments along."""
    done = list(steps)
    while (found := next(_unread(script, lines, done), None)) is not None:
        edits, readers = found
        done = [replace(step, edits=(*step.edits, *edits)) if step in readers else step for step in done]
    return tuple(done)


def _unread(script: Script, lines: Lines, steps: list[Step]) -> Iterator[tuple[list[Edit], list[Step]]]:
    """The edits that take the assignments of a variable out which only what goes has read, with the steps that take
    that out.
    """
    edits = [edit for step in steps for edit in step.edits]
    if not edits or _reads_any(script, edits):
        return
    spoken = {word for edit in edits for word in _WORD.findall(edit.new)}
    for name, assigning in _plain_assignments(script).items():
        if _goes([command.span for command in assigning], edits) or name in spoken:
            continue
        own = {command.span.start for command in assigning}
        places = [at for at in _places(script.text).get(name, ()) if at not in own]
        if places and all(any(edit.span.start <= at < edit.span.end for edit in edits) for at in places):
            readers = [step for step in steps if any(edit.span.start <= at < edit.span.end
                                                     for edit in step.edits for at in places)]  # fmt: skip
            gone = frozenset(command.span for command in assigning)
            removed = [removal(script, lines, command, gone) for command in assigning]
            if len({step.applicability for step in readers}) == 1 and not any(edit.new for edit in removed):
                yield removed, readers


def _plain_assignments(script: Script) -> dict[str, list[Command]]:
    """The variables that the script gives values at its top, in commands that do nothing else, with these."""
    found: dict[str, list[Command]] = {}
    for command in script.commands:
        if command.assignments and not command.words and len(command.assignments) == 1:
            assigned = command.assignments[0]
            if not command.within and not command.broken and not command.layers and _is_a_value(assigned):
                found.setdefault(assigned.name, []).append(command)
    return found


def _is_a_value(assigned: Assignment) -> bool:
    """Whether an assignment only gives a value: it runs nothing, and nobody else reads it."""
    return not _RUNS.search(assigned.word.source) and _OF_OTHERS.fullmatch(assigned.name) is None


@lru_cache(maxsize=1)
def _places(text: str) -> dict[str, list[int]]:
    """Where each word stands in a script; a comment that speaks of a variable reads it, too."""
    places: dict[str, list[int]] = {}
    for match in _WORD.finditer(text):
        places.setdefault(match[0], []).append(match.start())
    return places


def _goes(spans: list[Span], edits: list[Edit]) -> bool:
    return all(any(edit.span.holds(span) for edit in edits) for span in spans)


def _reads_any(script: Script, edits: list[Edit]) -> bool:
    """Whether something stays that may read any variable of the script."""
    if script.unread:
        return True
    places = (match.start() + 1 for match in _READS_ANY.finditer(script.text))
    shown = (at for at in places if not any(span.start <= at < span.end for span in script.comments))
    return any(not any(edit.span.start <= at < edit.span.end for edit in edits) for at in shown)
