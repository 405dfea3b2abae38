"""The findings as lines, what a person is to look at, and what to do next."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from slurmfix import files
from slurmfix.language import counted, tr
from slurmfix.outcome import Outcome
from slurmfix.remarks import DOUBT, NOTE, REFUSAL, listed
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
    place: tuple[int, int] = (0, 0)  # line and column, from 1
    id: str = ""

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
        what = tr(step.finding.says)
        if step.applicability == "manual":
            what = tr("{subject}: {reason}").format(subject=what, reason=tr(step.why))
        where = visible(f"{outcome.path}:{line}:{column}")
        kind = {"manual": "left", "review": "look"}.get(step.applicability, "done")
        found.append(Row(where, kind, visible(f"{step.finding.rule} [{step.applicability}] {what}"), outcome.path))
    return found


def remarks(outcome: Outcome) -> list[Row]:
    """What a person is to look at in one file: errors, what remains, what was guessed."""
    path = visible(outcome.path)
    if outcome.error or outcome.broken:
        return [Row(path, "error", visible(tr(error_of(outcome))), outcome.path)]
    groups: dict[tuple[str, ...], list[Told]] = {}
    for each in told(outcome):
        groups.setdefault(_matter(each), []).append(each)
    return [
        Row(_place(path, first), *_said(first, others), outcome.path, (first.line, first.column), first.id)
        for first, *others in groups.values()
    ]


def said_once(rows: Sequence[Row]) -> list[Row]:
    """Rows of several files, each sentence once: with the other places where it is said of another file."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.kind, row.text), []).append(row)
    return [replace(first, text=f"{first.text}{_elsewhere(others)}") for first, *others in groups.values()]


def _elsewhere(others: Sequence[Row]) -> str:
    if not others:
        return ""
    places = listed([row.where for row in others], _MOST_NAMED)
    return f" ({tr('also {places}').format(places=tr(places))})"


def _matter(each: Told) -> tuple[str, ...]:
    """What remarks share that are told once: all but their lines and what they are about."""
    parts = each.parts
    return (each.kind, each.environment, parts.reason, parts.action) if each.line else (each.kind, each.said)


def _place(path: str, each: Told) -> str:
    return f"{path}:{each.line}" if each.line else path


def _said(each: Told, others: Sequence[Told]) -> tuple[str, str]:
    """The kind of a row, and its words with the grade that the remark comes to, and where else it holds."""
    kind, grade = _GRADES[each.kind]
    beside = ", ".join(dict.fromkeys(_beside(each, other) for other in others))
    also = f" ({tr('also {places}').format(places=beside)})" if beside else ""
    return kind, visible(f"{grade}{each.worded}{also}")


def _beside(each: Told, other: Told) -> str:
    """The line of another remark, and what that is about where this is more than its line."""
    is_same = other.subject.replace(str(other.line), str(each.line)) == each.subject
    words = "line {line}" if is_same else "line {line} ({subject})"
    return tr(words).format(line=other.line, subject=other.subject)


def written(outcomes: Sequence[Outcome]) -> list[Row]:
    """What was written, one row a file."""
    found = []
    for outcome in outcomes:
        if outcome.written and outcome.after != outcome.before and not outcome.piped:
            count = len(outcome.hunks)
            what = counted("rewritten in {count} place", "rewritten in {count} places", count)
            found.append(Row(visible(outcome.path), "done", what, outcome.path))
    made = dict.fromkeys(file.path for outcome in outcomes if outcome.written for file in outcome.created)
    return [*found, *(Row(visible(path), "done", tr("new"), path) for path in made)]


def following(outcomes: Sequence[Outcome], paths: Sequence[str], repeated: Sequence[str] = ()) -> list[Row]:
    """What to do next, as commands that can be copied; they repeat the options that were given."""
    found: list[str] = []
    if any(outcome.status == "fixable" and not outcome.piped for outcome in outcomes):
        named = [*paths] if len(paths) <= _MOST_NAMED else ["…"]
        write, ask = (_command("slurmfix", option, *repeated, *named) for option in ("--write", "--interactive"))
        found.append(tr("read the diff, then {write} (or one by one: {ask})").format(write=write, ask=ask))
    done = [outcome for outcome in outcomes if outcome.written]
    made = list(dict.fromkeys(file.path for outcome in done for file in outcome.created))
    if made and files.repository_root(made[0]):
        found.append(_command("git", "add", *made[:_MOST_NAMED], *(["…"] if len(made) > _MOST_NAMED else [])))
    found += [_on_a_login_node(path, done) for path in made[:_MOST_NAMED] if path.endswith(".txt")]
    submitted = [outcome for outcome in done if outcome.created and outcome.steps and not outcome.piped]
    if submitted:
        folder = os.path.dirname(submitted[0].created[0].path)
        job = os.path.relpath(submitted[0].path, folder or ".")
        go = f"{_command('cd', folder)} && " if folder else ""
        rehearsal = f"{go}{_command('slurmfix', *repeated, '--rehearse', job)}"
        found.append(tr("on a login node: {command}").format(command=rehearsal))
        command = f"{go}{_command('sbatch', job)}"
        found.append(tr("submit from the folder of the new file: {command}").format(command=command))
    if done:
        found.append(tr("to take it all back: slurmfix --undo"))
    return [Row(tr("next"), "next", visible(said)) for said in found]


def _command(*words: str) -> str:
    return " ".join(word if word == "…" else shlex.quote(word) for word in words)


def _on_a_login_node(path: str, done: Sequence[Outcome]) -> str:
    python = next((s.recipe.python for o in done for s in o.environments if path in [f.path for f in s.files]), "")
    words = ["avail_wheels", "--requirement", path, *(["--python", python] if python else []), "--not-available"]
    return tr("on a login node: {command}").format(command=_command(*words))
