"""Which changes of a script belong together: what a person agrees to, and a program applies, as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slurmfix.text import Edit

if TYPE_CHECKING:
    from slurmfix.outcome import Outcome
    from slurmfix.plan import NewFile, Step

# What such a rule takes away is not needed by anything else in the script, and needs nothing in its place.
_ALONE = ("startup-file", "information")


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
    edits = iter(outcome.edits)  # those of the plan in its order, with the line ends of the file
    rows = [(step, tuple(next(edits) for _ in step.edits)) for step in outcome.steps if step.edits]
    found = [Decision((step,), own) for step, own in rows if step.finding.rule in _ALONE]
    together = [row for row in rows if row[0].finding.rule not in _ALONE]
    if together:
        ordered = sorted((edit for _, own in together for edit in own), key=lambda edit: edit.span)
        found.append(Decision(tuple(step for step, _ in together), tuple(ordered), outcome.created))
    return tuple(sorted(found, key=lambda decision: decision.edits[0].span))
