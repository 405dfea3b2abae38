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
    REDIRECTED,
    SCRIPT,
    SUBSHELL,
    SUBSTITUTION,
    Command,
    Place,
    Script,
)
from slurmfix.text import Span

_OPTIONAL = (BRANCH, LOOP, FUNCTION, CHAINED)
_APART = (SUBSHELL, SUBSTITUTION, PIPELINE, BACKGROUND)
_REPEATED = (LOOP, FUNCTION, SUBSHELL, SUBSTITUTION, PIPELINE, BACKGROUND)
_OTHER_JOB = ("sbatch", "file", "ssh")


def _in_its_own_shell(place: Place) -> bool:
    """Whether what stands in a place changes nothing outside of it; of a trap nobody knows when it runs."""
    return place.kind in _APART or (place.kind == SCRIPT and place.note != "eval")


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
    return same_job(earlier, later) and all(
        place in later for place in earlier if place.kind in _OPTIONAL or _in_its_own_shell(place)
    )


def apart(earlier: tuple[Place, ...], later: tuple[Place, ...]) -> bool:
    """Whether what `earlier` does to its shell is gone where `later` stands: it ran in a shell of its own."""
    return bool(earlier) and any(place not in later for place in earlier if _in_its_own_shell(place))


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
    while at and within[at - 1].kind in (CHECKED, CHAINED, PIPELINE, BACKGROUND, REDIRECTED):
        at -= 1
        span = within[at].span
    return span, within[:at]


def in_trap(command: Command) -> bool:
    """Whether a trap runs the command, and nobody can say when."""
    return any(place.kind == SCRIPT and place.note == "trap" for place in command.within)


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


def statement_of(command: Command) -> tuple[Span, tuple[Place, ...]]:
    """The whole statement that a command is (part of), and the places around it."""
    if is_statement(command):
        return command.whole, command.within
    return statement(command.within, len(command.within) - 1)


def calls_function(command: Command, name: str) -> bool:
    """Whether a command calls a function, or hands its name to one that may: `retry work`."""
    return command.name == name or (command.name not in ("echo", "printf") and name in command.source.split()[1:])


def statement_before(script: Script, command: Command, outer: int) -> tuple[Span, tuple[Place, ...]]:
    """The statement to build before, and the places around it: that which holds the place `command.within[outer]`, of a
    function its first call.
    """
    within = command.within
    place = within[outer]
    if place.kind == FUNCTION:
        calls = [call for call in _calls_outside(script, place.note, within) if call.span.start > place.span.end]
        if calls:
            return _before_all(script, calls)
    return _that_runs(script, within, outer)


def _calls_outside(script: Script, function: str, within: tuple[Place, ...]) -> list[Command]:
    """The commands outside of all functions that come to call one, by whatever functions."""
    waiting, seen, found = [function], {function}, []
    while waiting:
        name = waiting.pop()
        calls = [c for c in script.commands if calls_function(c, name) and same_job(c.within, within)]
        for call in calls:
            callers = [place.note for place in call.within if place.kind == FUNCTION]
            if not callers:
                found.append(call)
            elif callers[-1] not in seen:
                seen.add(callers[-1])
                waiting.append(callers[-1])
    return sorted(found, key=lambda call: call.span.start)


def _that_runs(script: Script, within: tuple[Place, ...], at: int) -> tuple[Span, tuple[Place, ...]]:
    """The whole statement that runs what stands in the place `within[at]`, and the places around that statement."""
    span, around = statement(within, at)
    place = within[at]
    if place.kind == SCRIPT:
        owner = next((heredoc.owner for heredoc in script.heredocs if heredoc.body == place.span), place.span)
        runner = next(
            (
                c for c in script.commands
                if c.span == owner or (c.whole.start <= place.span.start <= c.whole.end and c.within == around)
            ),
            None,
        )  # fmt: skip
        runner = runner or next(
            (c for c in reversed(script.commands) if c.span.start < place.span.start and c.within == within[:at]),
            None,
        )
        if runner is not None:
            return statement_of(runner)
    if place.kind == SUBSTITUTION:
        held = place.statement
        return Span(min(span.start, held.start), max(span.end, held.end)), around
    return span, around


def _before_all(script: Script, calls: list[Command]) -> tuple[Span, tuple[Place, ...]]:
    """The statement before the first call that has surely run before all the others."""
    first = calls[0]
    at = repeated(first.within)
    span, around = _that_runs(script, first.within, at) if at is not None else statement_of(first)
    while not all(surely(around, call.within) for call in calls):
        at = max(n for n, p in enumerate(around) if not all(surely((p,), call.within) for call in calls))
        arm = around[at]
        span, outside = statement(around, at)
        if arm.kind == BRANCH and outside == around[:at]:
            # An arm starts at its `then`, its statement before that.
            span = Span(arm.statement.start, span.end)
        around = outside
    return span, around


def layers_of(script: Script, around: tuple[Place, ...]) -> tuple[str, ...]:
    """The quoting of the inner script that these places are in; () for the script itself."""
    inner = [place.span for place in around if place.kind == SCRIPT]
    if not inner:
        return ()
    return next((c.layers for c in script.commands if inner[-1].holds(c.span)), ())


def on_another_machine(command: Command) -> bool:
    """Whether ssh runs it, where nothing of the job is known."""
    return any(place.kind == SCRIPT and place.note == "ssh" for place in command.within)
