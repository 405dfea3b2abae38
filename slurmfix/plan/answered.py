"""The questions whether conda is there on which an activation hangs: the rewritten job needs no conda to go that way.

Without conda such a question is answered the other way, and what is built behind it would never be. So the question
goes where it stands alone in front of an `&&`, and becomes `true` or `false` where it is a whole condition; what is
asked in any other way keeps the script as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from slurmfix.rules import USES, Ask, Finding, Left, Replace, Report
from slurmfix.shell import BRANCH, CHAINED, Command, Place, Script
from slurmfix.text import Span

_CONDITION = re.compile(r"(?:el)?if\s+(?P<no>!\s+)?\Z")
_LEFT_SIDE = re.compile(r"(?P<no>!\s+)?\Z")
_LISTED = re.compile(r"\s*(?:&&|\|\|)\s*(?:\\\n\s*)?")
_ENDS = re.compile(r"\s*;?\s*\Z")
_ANSWERS = (Replace("true"), Replace("false"), Replace(""))
_IS_MISSING = re.compile(r"(?:if\s+)?(?:(?:\[\[?|test)\s+(?:!|-z)|!)\s")
_IS_THERE = re.compile(
    r"(?:\[\[?|\btest)\s+(?:-n\s+)?[\"']?\$\{?(?:CONDA|MAMBA)_\w*(?::?-[^}\s]*)?\}?[\"']?\s*(?:\]|-g[te]\s|==?\s)"
    r"|(?:\[\[?|\btest)\s+-[defhrsxL]\s+[^\s\];&|]*(?:conda|mamba|miniforge)"
)


def with_answers(script: Script, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings, with the answer in the place of each question that alone leads to an activation."""
    used = [finding.command for finding in findings if isinstance(finding.act, USES)]
    return tuple(
        (_answered(script, finding, used) or finding) if isinstance(finding.act, Ask) and not finding.why else finding
        for finding in findings
    )


def _answered(script: Script, question: Finding, used: list[Command]) -> Finding | None:
    """The question as its answer, which leads to the first of the activations that hang on it."""
    at = question.command.whole if question.span == question.command.span else question.span
    for command in used:
        for place in command.within:
            found = None
            if place.kind == BRANCH and place.statement.holds(at) and not _in_several_arms(place, used):
                found = _of_condition(script.text, at, place)
            elif place.kind == CHAINED and place.span.holds(at):
                found = _of_list(script.text, at, place, command)
            if found is not None:
                return replace(question, act=Replace(found[1]), span=found[0])
    return None


def _of_condition(text: str, at: Span, arm: Place) -> tuple[Span, str] | None:
    before = _CONDITION.search(text, arm.statement.start, at.start)
    if before is None or at.end > arm.span.start:
        return None
    start = before.start("no") if before["no"] else at.start
    if text.startswith("then", arm.span.start):
        return (Span(start, at.end), "true") if _ENDS.match(text, at.end, arm.span.start) else None
    alone = before.start() == arm.statement.start and not re.search(r"\belif\b", text[at.end : arm.span.start])
    whole = re.match(r"\s*;?\s*then\b", text[at.end : arm.span.start])
    return (Span(start, at.end), "false") if alone and whole and text.startswith("else", arm.span.start) else None


def _of_list(text: str, at: Span, place: Place, command: Command) -> tuple[Span, str] | None:
    listed = _LISTED.match(text, at.end)
    before = _LEFT_SIDE.match(text, place.span.start, at.start)
    if listed is None or before is None:
        return None
    between = text[at.end : command.span.start]
    if listed[0].strip(" \t\\\n") == "||":
        return (Span(place.span.start, at.end), "false") if "&&" not in between else None
    return (Span(place.span.start, listed.end()), "") if "||" not in between else None


def guarded(script: Script, findings: tuple[Finding, ...], command: Command) -> bool:
    """Whether an activation runs only where conda is there, and nothing answers the question for it."""
    used = [finding.command for finding in findings if isinstance(finding.act, USES)]
    return any(_asks(script.text, findings, span) for span in _conditions(command, used))


def _conditions(command: Command, used: list[Command]) -> Iterator[Span]:
    """What decides whether a command runs: the conditions in front of an arm, the left side of a list."""
    for place in command.within:
        if place.kind == CHAINED and place.span.start < command.span.start:
            yield Span(place.span.start, command.span.start)
        elif place.kind == BRANCH and not _in_several_arms(place, used):
            yield Span(place.statement.start, place.span.start)


def _in_several_arms(arm: Place, used: list[Command]) -> bool:
    """Whether another arm activates, too: that runs where this one does not."""
    arms = {place for command in used for place in command.within if place.kind == BRANCH and place.note == arm.note}
    return len(arms) > 1


def _asks(text: str, findings: tuple[Finding, ...], span: Span) -> bool:
    condition = text[span.start : span.end]
    inside = [finding for finding in findings if span.holds(finding.span)]
    if _IS_MISSING.match(condition) or any(finding.act in _ANSWERS for finding in inside):
        return False
    return any(_is_question(finding) for finding in inside) or _IS_THERE.search(condition) is not None


def _is_question(finding: Finding) -> bool:
    return isinstance(finding.act, Ask) or finding.act == Report(Left.ANSWER)
