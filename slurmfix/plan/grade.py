"""How sure the steps of a plan are, as one decision over the script, with statements of one line in one edit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from slurmfix.plan.remove import joint
from slurmfix.plan.step import MANUAL, REVIEW, SAFE, Served, Step
from slurmfix.plan.tidy import tidied
from slurmfix.rules import Drop, Install, Pip, Replace, Report, Value
from slurmfix.shell import Script
from slurmfix.text import Lines

_LOOKED_AT = (Install, Replace, Value, Pip, Drop, Report)  # such a change needs a look


def graded(steps: list[Step], answers: Iterable[Served]) -> tuple[Step, ...]:
    """Safe is one decision over the script: where one change needs a look, all that belong together do."""
    doubtful = any(map(_is_doubtful, answers))
    doubtful |= any(step.finding.doubt and step.edits and not step.finding.alone for step in steps)
    own = any(isinstance(step.finding.act, _LOOKED_AT) or step.applicability == MANUAL for step in steps)
    grade = REVIEW if doubtful or own else SAFE
    return tuple(
        step if step.applicability == MANUAL else replace(step, applicability=REVIEW if step.finding.doubt else grade)
        for step in steps
    )


def _is_doubtful(answer: Served) -> bool:
    recipe = answer.recipe
    return bool(
        recipe.doubts
        or answer.doubts
        or recipe.environment.guess
        or not answer.named.known
        or answer.commands
        or any(left.kind == "unknown" for left in recipe.left_out)
    )


def in_one_edit(script: Script, lines: Lines, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps, where statements of one line go together in one edit, and what belongs to lines that go with them."""
    instead = joint(lines, script.text, (edit for step in steps for edit in step.edits))
    told = {instead[edit] for step in steps for edit in step.edits if edit in instead and step.applicability == REVIEW}
    joined = [tuple(instead.get(edit, edit) for edit in step.edits) for step in steps]
    along = tidied(script, [edit for edits in joined for edit in edits])
    done = []
    for step, edits in zip(steps, joined, strict=True):
        grade = REVIEW if told.intersection(edits) else step.applicability
        done.append(replace(step, edits=tuple(along.get(edit, edit) for edit in edits), applicability=grade))
    return tuple(done)
