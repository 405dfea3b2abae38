"""What asks conda something, or reads a variable of conda's, and goes once nothing that stays uses the answer."""

from __future__ import annotations

import re
from collections.abc import Iterable

from slurmfix.plan.going import Going, asked_in_vain
from slurmfix.plan.guard import on_the_answer
from slurmfix.plan.job import Job
from slurmfix.plan.place import is_statement, statement_of
from slurmfix.plan.refusals import DEPENDS_ON_CONDA
from slurmfix.plan.remove import removal
from slurmfix.plan.step import MANUAL, REVIEW, Step
from slurmfix.plan.writing import without
from slurmfix.remarks import phrase
from slurmfix.rules import Ask, Finding, Left, Report
from slurmfix.rules.information import ASKED_IN_A_TEST
from slurmfix.rules.messages import OUTPUT_IS_USED
from slurmfix.shell import PIPELINE, SUBSTITUTION, Command, is_torn, uses_of
from slurmfix.text import Edit, Span, excerpt

FILTERS = frozenset("awk cut egrep fgrep grep head sed sort tail tr uniq".split())


def waits(going: Going, finding: Finding) -> bool:
    """Whether what becomes of it hangs on what the other edits leave."""
    if isinstance(finding.act, Ask):
        return finding.command.broken or not asked_in_vain(going, finding)
    return isinstance(finding.act, Report)


def last_steps(job: Job, going: Going, waiting: list[int], edits: list[Edit]) -> dict[int, Step]:
    """What becomes of those that wait, by their numbers; `edits` are those of all others. One may wait for another."""
    steps: dict[int, Step] = {}
    gone, known, left = going.commands, list(edits), list(waiting)
    while left:
        before = len(known)
        for at in left:
            steps[at], gone = _last(job, going, job.findings[at], known, gone)
            known += steps[at].edits
        if len(known) == before:
            break
        left = [at for at in left if not steps[at].edits]
    return steps


def _last(
    job: Job, going: Going, finding: Finding, edits: list[Edit], gone: frozenset[Span]
) -> tuple[Step, frozenset[Span]]:
    """The step of a question, and all commands that go, with those that go because of it."""
    value = finding.act == Report(Left.ANSWER)
    statement = going.statement_around(finding)
    if statement is not None and value:
        edit = without(job, statement, gone)
        return Step(finding, (edit,), REVIEW, phrase("goes with what depends on it")), gone
    asks = isinstance(finding.act, Ask)
    if not finding.command.broken and (value or (asks and not finding.why)):
        own, more = _with_its_answer(job, going, finding, edits, gone)
        if own:
            return Step(finding, own, REVIEW, phrase("only lines that go have used it")), gone | more
    return Step(
        finding,
        (),
        MANUAL,
        finding.why or (_why_it_stays(finding) if asks else ""),
    ), gone


def _why_it_stays(finding: Finding) -> str:
    """What is said of a question: whether its answer decides, or is itself a part of a word."""
    command = finding.command
    source = excerpt(command.source)
    if finding.span != command.span and finding.span.holds(command.span):
        return ASKED_IN_A_TEST.about(source=source)
    if command.within and command.within[-1].kind == SUBSTITUTION:
        return OUTPUT_IS_USED.about(source=source, used=phrase("another command uses the answer"))
    return DEPENDS_ON_CONDA.about(source=source)


def _with_its_answer(
    job: Job, going: Going, finding: Finding, edits: list[Edit], gone: frozenset[Span]
) -> tuple[tuple[Edit, ...], frozenset[Span]]:
    """The edits that take a question out with all that uses its answer, none where something else does; and the
    command that goes with it.
    """
    nothing: tuple[tuple[Edit, ...], frozenset[Span]] = (), frozenset()
    if not _is_the_answer(job, finding.command):
        return nothing
    if is_torn(job.script):  # what cannot be read may use any answer
        return nothing
    holders = [c for c in job.script.commands if c.span != finding.span and c.span.holds(finding.span)]
    holders = [holder for holder in holders if not _works_beside(job, finding, holder, gone)]
    if holders and _only_tells(holders[0]) and is_statement(holders[0]):
        return (removal(job.script, job.lines, holders[0], gone | {holders[0].span}),), frozenset()
    holder = next((c for c in reversed(holders) if c.assignments and not c.words), None)
    if holder is None:
        return nothing
    guards = {
        span for each in holder.assignments
        for span in on_the_answer(job.script, each.name, gone | {holder.span}, going.asked)
        if not span.holds(holder.whole) and not any(span.meets(edit.span) for edit in edits)
    }  # fmt: skip
    removed = [*(edit.span for edit in edits), holder.span, *guards, *going.statements]
    if not _unused(job, holder, removed, edits):
        return nothing
    spans = [span for span in guards if not any(outer.holds(span) for outer in going.statements)]
    return tuple(without(job, span, gone) for span in (holder.whole, *spans)), frozenset((holder.span,))


def _is_the_answer(job: Job, command: Command) -> bool:
    """Whether what a command prints is all that a substitution comes to, perhaps behind filters."""
    within = command.within
    if len(within) > 1 and within[-1].kind == PIPELINE and within[-2].kind == SUBSTITUTION:
        others = [c for c in job.script.commands if within[-1].span.holds(c.span) and c.span != command.span]
        return all(other.name in FILTERS for other in others)
    return bool(within) and within[-1].kind == SUBSTITUTION


def _works_beside(job: Job, finding: Finding, holder: Command, gone: frozenset[Span]) -> bool:
    """Whether a command that a question is part of has statements in it that have nothing to do with the answer."""
    return any(
        holder.span.holds(c.span) and c.span != holder.span and not c.span.meets(finding.span)
        and c.span not in gone and not statement_of(c)[0].holds(finding.span)
        for c in job.script.commands
    )  # fmt: skip


def _only_tells(command: Command) -> bool:
    """Whether a command tells people nothing but what one substitution prints."""
    expansions = command.source.count("$") + command.source.count("`") / 2
    return command.name in ("echo", "printf") and not command.redirects and expansions == 1


def _unused(job: Job, holder: Command, removed: Iterable[Span], edits: list[Edit]) -> bool:
    """Whether a variable is used in nothing but what is removed, or rewritten without it."""
    spans = tuple(removed)
    for assigned in holder.assignments:
        used = re.compile(rf"\$\{{?{assigned.name}\b")
        if any(used.search(edit.new) for edit in edits):
            return False
        places = (use.start for use in uses_of(job.script, assigned.name))
        if any(not any(span.start <= place < span.end for span in spans) for place in places):
            return False
    return True
