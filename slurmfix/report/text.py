"""The findings as lines, what a person is to look at, and what to do next."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from slurmfix.outcome import Outcome
from slurmfix.remarks import DOUBT, NOTE, REFUSAL
from slurmfix.report.records import error_of, printable
from slurmfix.report.remarks import Told, told
from slurmfix.text import Lines

# Control characters, and those that turn the direction of a text: a name must not look like another one.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
_GRADES = {REFUSAL: ("left", "[manual] "), DOUBT: ("look", "[review] "), NOTE: ("note", "")}
_MOST_NAMED = 3  # paths in a command that is proposed


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a report: `where` is the path, with the line where there is one.

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


def findings(outcome: Outcome) -> list[Row]:
    """One line a finding: `path:line:column: rule message`."""
    lines = Lines(outcome.before)
    found = []
    for step in outcome.steps:
        line, column = lines.position(step.finding.span.start)
        why = f": {step.why}" if step.applicability == "manual" else ""
        what = f"[{step.applicability}] {step.finding.says}{why}"
        where = visible(f"{outcome.path}:{line}:{column}")
        kind = {"manual": "left", "review": "look"}.get(step.applicability, "done")
        found.append(Row(where, kind, visible(f"{step.finding.rule} {what}"), outcome.path))
    return found


def remarks(outcome: Outcome) -> list[Row]:
    """What a person is to look at in one file: errors, what remains, what was guessed."""
    path = visible(outcome.path)
    if outcome.error or outcome.broken:
        return [Row(path, "error", visible(error_of(outcome)), outcome.path)]
    return [Row(_place(path, each), *_said(each), outcome.path) for each in told(outcome)]


def _place(path: str, each: Told) -> str:
    return f"{path}:{each.line}" if each.line else path


def _said(each: Told) -> tuple[str, str]:
    """The kind of a row, and its words with the grade that the remark comes to."""
    kind, grade = _GRADES[each.kind]
    return kind, visible(f"{grade}{each.parts if each.parts.subject else each.said}")


def following(outcomes: Sequence[Outcome], paths: Sequence[str]) -> list[Row]:
    """What was done, and what to do next, as commands that can be copied."""
    written = [outcome for outcome in outcomes if outcome.written]
    made = dict.fromkeys(file.path for outcome in written for file in outcome.created)
    found = [Row(visible(path), "done", "new", path) for path in made]
    fixable = [outcome for outcome in outcomes if outcome.status == "fixable" and outcome.path != "-"]
    if fixable:
        named = shlex.join(["slurmfix", "--write", *paths]) if len(paths) <= _MOST_NAMED else "slurmfix --write …"
        where = f" (or one by one: {named.replace('--write', '--interactive', 1)})"
        found.append(Row("next", "next", visible(f"read the diff, then {named}{where}")))
    for path in list(made)[:_MOST_NAMED]:
        if path.endswith(".txt"):
            python = next(
                (s.recipe.python for o in written for s in o.environments if path in [f.path for f in s.files]), ""
            )
            command = shlex.join(["avail_wheels", "--requirement", path, *(["--python", python] if python else [])])
            found.append(Row("next", "next", visible(f"on a login node: {command} --not-available")))
    return found
