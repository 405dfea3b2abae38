"""What of a script may go: conda's commands, the statements of which nothing else is left, activations that retry."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slurmfix.plan.guard import emptied
from slurmfix.plan.job import Job
from slurmfix.plan.place import is_statement, on_another_machine
from slurmfix.rules import Ask, Drop, Enter, Finding, Install, Leave, Provide, rest_of
from slurmfix.shell import BRANCH, CHAINED, CHECKED, SUBSTITUTION, Command, Place
from slurmfix.text import Span

TAKEN_AWAY = (Provide, Drop, Install, Leave)
RETRY = re.compile(r"\s*\|\|(\s|\\\n)*\Z")


@dataclass(frozen=True, slots=True)
class Going:
    """`commands` go; of the `statements` nothing else is left, so they go whole.

    `asked` are the questions whether conda is there. `retries` are the numbers of activations that only retry what one
    before them in the same `||` list does.
    """

    commands: frozenset[Span]
    statements: tuple[Span, ...]
    asked: frozenset[Span]
    retries: frozenset[int]

    def statement_around(self, finding: Finding) -> Span | None:
        """The statement around a finding that goes whole."""
        return next((span for span in self.statements if span.holds(finding.span)), None)


def what_goes(job: Job) -> Going:
    asked = frozenset(f.span for f in job.findings if isinstance(f.act, Ask) and not f.why)
    going = Going(frozenset(), (), asked, _retries(job))
    commands = frozenset(f.command.span for at, f in enumerate(job.findings) if _goes(job, going, at))
    statements = emptied(job.script, commands, asked)
    inside = frozenset(c.span for c in job.script.commands if any(span.holds(c.span) for span in statements))
    return Going(commands | inside, statements, asked, going.retries)


def asked_for_nothing(finding: Finding) -> bool:
    """Whether a question stands by itself, and nothing looks at the answer."""
    command = finding.command
    looked_at = command.within and command.within[-1].kind == SUBSTITUTION
    return finding.span == command.span and is_statement(command) and not looked_at and not finding.why


def asked_in_vain(going: Going, finding: Finding) -> bool:
    """Whether nothing but what goes depends on the answer."""
    return asked_for_nothing(finding) or going.statement_around(finding) is not None


def goes_along(job: Job, going: Going, finding: Finding) -> bool:
    """Whether a test, which is no command, goes with what else is found in its statement.

    Or only asks whether an environment has to be made: that arm makes what the rewritten job always makes.
    """
    if not isinstance(finding.act, Ask) or finding.span.holds(finding.command.span):
        return False
    statement = going.statement_around(finding)
    if statement is not None:
        return any(statement.holds(other.span) for other in job.findings if other.span != finding.span)
    arms = arms_of(finding.command)
    makers = (other.command for other in job.findings if isinstance(other.act, Install))
    return any(arms.intersection(maker.within) for maker in makers)


def arms_of(command: Command) -> set[Place]:
    """The places that a condition leads to, of those that a command stands in."""
    return {place for place in command.within if place.kind in (BRANCH, CHAINED)}


def _goes(job: Job, going: Going, at: int) -> bool:
    finding = job.findings[at]
    if on_another_machine(finding.command):
        return False
    match finding.act:
        case Leave():
            return job.is_idle(at)
        case Ask():
            return asked_for_nothing(finding) and not finding.command.broken
        case Provide() | Drop() | Install():
            return finding.span.holds(finding.command.span) and not rest_of(finding.act)
    return False


def _retries(job: Job) -> frozenset[int]:
    """Activations that only retry what one before them in the same `||` list does: `conda activate x || …`."""
    entered = [at for at in job.names if isinstance(job.findings[at].act, Enter)]
    found = set()
    for at in entered:
        command = job.findings[at].command
        lists = {place.span for place in command.within if place.kind in (CHECKED, CHAINED)}
        if not lists or not RETRY.search(job.script.text, 0, command.whole.start):
            continue
        before = (job.findings[other].command for other in entered if other < at and job.code(other) == job.code(at))
        if any(place.kind == CHECKED and place.span in lists for other in before for place in other.within):
            found.add(at)
    return frozenset(found)
