"""Which changes of a script belong together: what a person agrees to, and a program applies, as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slurmfix.text import Edit

if TYPE_CHECKING:
    from slurmfix.outcome import Outcome
    from slurmfix.plan import NewFile, Step


@dataclass(frozen=True, slots=True)
class Decision:
    """Steps that hold only together, their edits in the order of the file, and the files that come along with them."""

    steps: tuple[Step, ...]
    edits: tuple[Edit, ...]
    files: tuple[NewFile, ...] = ()

    @property
    def review(self) -> bool:
        return any(step.applicability == "review" for step in self.steps)

    @property
    def leading(self) -> Step:
        """The step that the others are there for: the first that needs an environment."""
        return next((step for step in self.steps if step.environment), self.steps[0])


def decisions(outcome: Outcome) -> tuple[Decision, ...]:
    """The decisions of one script, in the order of the file: its rewrite is one, what stands for itself is another."""
    if outcome.after == outcome.before:
        return ()
    # The plan's edits with the line ends of the file, in the same order.
    written = dict(zip(outcome.plan.edits if outcome.plan else (), outcome.edits, strict=True))
    groups: list[list[Step]] = []
    for step in outcome.steps:
        if step.edits:
            _join(groups, step)
    found = []
    for group in groups:
        own = {written[edit] for step in group for edit in step.edits}
        edits = sorted((edit for edit in dict.fromkeys(outcome.edits) if edit in own), key=lambda edit: edit.span)
        rewrite = any(not step.finding.alone for step in group)
        found.append(Decision(tuple(group), tuple(edits), outcome.created if rewrite else ()))
    return tuple(sorted(found, key=lambda decision: decision.edits[0].span))


def _join(groups: list[list[Step]], step: Step) -> None:
    """Add a step to those that it belongs to: all of the rewrite, and all that share an edit (of one statement)."""

    def related(other: Step) -> bool:
        alone = step.finding.alone or other.finding.alone
        return not alone or any(edit in other.edits for edit in step.edits)

    theirs = [group for group in groups if any(map(related, group))]
    for group in theirs:
        groups.remove(group)
    groups.append([*(each for group in theirs for each in group), step])
