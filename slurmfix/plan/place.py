"""Where commands stand to one another: what surely ran before, what cannot both run, and what runs more than once."""

from __future__ import annotations

from slurmfix.shell import (
    BACKGROUND,
    BRANCH,
    CHAINED,
    CHECKED,
    FUNCTION,
    LOOP,
    PIPELINE,
    SCRIPT,
    SUBSHELL,
    SUBSTITUTION,
    Command,
    Place,
)
from slurmfix.text import Span

_OPTIONAL = (BRANCH, LOOP, FUNCTION, CHAINED)
_APART = (SUBSHELL, SUBSTITUTION, PIPELINE, BACKGROUND)
_REPEATED = (LOOP, FUNCTION, SUBSHELL, SUBSTITUTION, PIPELINE, BACKGROUND)
_OTHER_JOB = ("sbatch", "file", "ssh")


def job_of(within: tuple[Place, ...]) -> int:
    """How many of the places lead to the job that a command belongs to: 0 for the script's own."""
    if not within:  # most commands stand in nothing, and every one is asked about every other
        return 0
    return max(
        (at + 1 for at, place in enumerate(within) if place.kind == SCRIPT and place.note in _OTHER_JOB), default=0
    )


def same_job(one: tuple[Place, ...], other: tuple[Place, ...]) -> bool:
    return not (one or other) or one[: job_of(one)] == other[: job_of(other)]


def surely(earlier: tuple[Place, ...], later: tuple[Place, ...]) -> bool:
    """Whether what stands in `earlier` has run, in the same shell, whenever what stands in `later` runs."""
    if not earlier:
        return same_job(earlier, later)
    kinds = (*_OPTIONAL, *_APART)
    return same_job(earlier, later) and all(
        place in later for place in earlier if place.kind in kinds or place.kind == SCRIPT
    )


def apart(earlier: tuple[Place, ...], later: tuple[Place, ...]) -> bool:
    """Whether what `earlier` does to its shell is gone where `later` stands: it ran in a shell of its own."""
    return bool(earlier) and any(
        place not in later for place in earlier if place.kind in _APART or place.kind == SCRIPT
    )


def exclusive(one: tuple[Place, ...], other: tuple[Place, ...]) -> bool:
    """Whether both stand in different arms of the same `if` or `case`."""
    if not one or not other:
        return False
    arms = {place.note: place for place in one if place.kind == BRANCH}
    return any(place.kind == BRANCH and place.note in arms and arms[place.note] != place for place in other)


def repeated(within: tuple[Place, ...], start: int = 0) -> int | None:
    """Which place has to be left so that what is built there is built once, in the shell that the rest shares.

    The outermost loop, function, subshell, step or pipeline of the job, from the place `start` on; None where the
    command stands in none.
    """
    for at in range(max(start, job_of(within)), len(within)):
        place = within[at]
        if place.kind in _REPEATED or (place.kind == SCRIPT and place.note in ("bash", "srun", "eval")):
            return at
    return None


def statement(within: tuple[Place, ...], at: int) -> tuple[Span, tuple[Place, ...]]:
    """The whole statement that holds the place `within[at]`, and the places around that statement."""
    span = within[at].span
    while at and within[at - 1].kind in (CHECKED, CHAINED, PIPELINE, BACKGROUND):
        at -= 1
        span = within[at].span
    return span, within[:at]


def is_statement(command: Command) -> bool:
    """Whether the command stands by itself in a list of statements, so that several may take its place."""
    return not command.within or command.within[-1].kind not in (CHECKED, CHAINED, PIPELINE, BACKGROUND)


def handled(within: tuple[Place, ...]) -> bool:
    """Whether the author does something with the command's status: `||`, `&&`, `if`, `!`.

    `a && b && c` is a list in a list: the status of `b` is what the right side of the inner one hands on.
    """
    for place in reversed(within):
        if place.kind != CHAINED:
            return place.kind == CHECKED
    return False
