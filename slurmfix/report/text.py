"""The findings as lines, what a person is to look at, and what to do next."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from slurmfix.outcome import Outcome
from slurmfix.report.records import error_of, printable
from slurmfix.text import Lines

# Control characters, and those that turn the direction of a text: a name must not look like another one.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
_MOST_NAMED = 3  # paths in a command that is proposed


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a person should know: `where` is the path, with the line where there is one.

    `kind` is "error", "left" (for a person), "look" (at it once), "done", "next" or "note".
    """

    where: str
    kind: str
    text: str
    path: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.where else self.text


def visible(text: str) -> str:
    """Text that a terminal shows as it is: control characters as `\\x1b` and the like."""
    return _CONTROL.sub(lambda match: _escaped(ord(match[0])), printable(text))


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def findings(outcome: Outcome) -> list[Remark]:
    """One line a finding: `path:line:column: rule message`."""
    lines = Lines(outcome.before)
    found = []
    for step in outcome.steps:
        line, column = lines.position(step.finding.span.start)
        what = step.finding.says if step.applicability != "manual" else f"{step.finding.says} [manual: {step.why}]"
        where = visible(f"{outcome.path}:{line}:{column}")
        kind = {"manual": "left", "review": "look"}.get(step.applicability, "done")
        found.append(Remark(where, kind, visible(f"{step.finding.rule} {what}"), outcome.path))
    return found


def remarks(outcome: Outcome) -> list[Remark]:
    """What a person is to look at in one file: errors, what remains, what was guessed."""
    path = visible(outcome.path)
    if outcome.error or outcome.broken:
        return [Remark(path, "error", visible(error_of(outcome)), outcome.path)]
    found = [
        Remark(path, "left" if outcome.unhandled else "note", visible(note), outcome.path) for note in outcome.notes
    ]
    lines = Lines(outcome.before)
    for step in outcome.steps:
        if step.applicability == "manual":
            line, _ = lines.position(step.finding.span.start)
            said = visible(f"left for you: {step.finding.says}: {step.why}")
            found.append(Remark(f"{path}:{line}", "left", said, outcome.path))
        elif step.finding.doubt and step.edits:
            line, _ = lines.position(step.finding.span.start)
            said = visible(f"look: {step.finding.says}; {step.finding.doubt}")
            found.append(Remark(f"{path}:{line}", "look", said, outcome.path))
    return [*found, *_doubts(outcome, lines)]


def _doubts(outcome: Outcome, lines: Lines) -> Iterator[Remark]:
    """What to look at in an environment, at the line that first needs it."""
    for served in outcome.environments if outcome.changes else ():
        spans = [step.finding.span for step in outcome.steps if step.environment == served.named.name]
        line = f":{lines.position(spans[0].start)[0]}" if spans else ""
        missing = [f"{left.name} is left out: {left.why}" for left in served.recipe.left_out if left.kind == "unknown"]
        for doubt in (*served.doubts, *served.recipe.doubts, *missing):
            said = visible(f"look at {served.named.name}: {doubt}")
            yield Remark(visible(outcome.path) + line, "look", said, outcome.path)
        if served.commands:
            why = f"goes to Apptainer. {served.recipe.reason} " if served.image is not None else ""
            said = visible(f"{served.named.name}: {why}Once, on a login node: {'; '.join(served.commands)}")
            yield Remark(visible(outcome.path) + line, "look", said, outcome.path)


def following(outcomes: Sequence[Outcome], paths: Sequence[str]) -> list[Remark]:
    """What was done, and what to do next, as commands that can be copied."""
    written = [outcome for outcome in outcomes if outcome.written]
    made = dict.fromkeys(file.path for outcome in written for file in outcome.created)
    found = [Remark(visible(path), "done", "new", path) for path in made]
    fixable = [outcome for outcome in outcomes if outcome.status == "fixable" and outcome.path != "-"]
    if fixable:
        named = shlex.join(["slurmfix", "--write", *paths]) if len(paths) <= _MOST_NAMED else "slurmfix --write …"
        where = f" (or one by one: {named.replace('--write', '--interactive', 1)})"
        found.append(Remark("next", "next", visible(f"read the diff, then {named}{where}")))
    for path in list(made)[:_MOST_NAMED]:
        if path.endswith(".txt"):
            python = next(
                (s.recipe.python for o in written for s in o.environments if path in [f.path for f in s.files]), ""
            )
            command = shlex.join(["avail_wheels", "--requirement", path, *(["--python", python] if python else [])])
            found.append(Remark("next", "next", visible(f"on a login node: {command} --not-available")))
    return found
