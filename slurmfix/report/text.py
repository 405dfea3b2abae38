"""The findings as lines, and the summary that a person can act on."""

from __future__ import annotations

import re

from slurmfix.outcome import Outcome
from slurmfix.report.records import error_of, printable
from slurmfix.text import Lines

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def visible(text: str) -> str:
    """Text that a terminal shows as it is: control characters as `\\x1b` and the like."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", printable(text))


def findings(outcome: Outcome) -> list[str]:
    """One line a finding: `path:line:column: rule message`."""
    lines = Lines(outcome.before)
    found = []
    for step in outcome.steps:
        line, column = lines.position(step.finding.span.start)
        what = step.finding.says if step.applicability != "manual" else f"{step.finding.says} [manual: {step.why}]"
        found.append(visible(f"{outcome.path}:{line}:{column}: {step.finding.rule} {what}"))
    return found


def remarks(outcome: Outcome) -> list[str]:
    """What a person is to look at in one file: errors, what remains, what was guessed."""
    if outcome.error or outcome.broken:
        return [visible(f"{outcome.path}: {error_of(outcome)}")]
    lines = Lines(outcome.before)
    found = [visible(f"{outcome.path}: {note}") for note in outcome.notes if outcome.steps]
    for step in outcome.steps:
        if step.applicability == "manual":
            line, _ = lines.position(step.finding.span.start)
            found.append(visible(f"{outcome.path}:{line}: left for you: {step.finding.says}: {step.why}"))
    for served in outcome.environments if outcome.changes else ():
        for doubt in (*served.doubts, *served.recipe.doubts):
            found.append(visible(f"{outcome.path}: look at {served.named.name}: {doubt}"))
    return found


def summary(outcomes: list[Outcome]) -> str:
    """One line on the whole run."""
    count = {
        status: sum(o.status == status for o in outcomes) for status in ("clean", "fixable", "fixed", "manual", "error")
    }
    said = [
        f"{count['fixable']} to change" if count["fixable"] else "",
        f"{count['fixed']} changed" if count["fixed"] else "",
        f"{count['manual']} left for a person" if count["manual"] else "",
        f"{count['error']} with errors" if count["error"] else "",
        f"{count['clean']} with nothing to do" if count["clean"] else "",
    ]
    files = "1 file" if len(outcomes) == 1 else f"{len(outcomes)} files"
    return f"{files}: " + ", ".join(part for part in said if part) + "." if outcomes else "no files."
