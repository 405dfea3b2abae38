"""Findings as annotations of a GitHub workflow: one command a line, and nothing in it can start another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from slurmfix.outcome import Outcome
from slurmfix.remarks import NOTE, REFUSAL
from slurmfix.report.records import error_of, printable
from slurmfix.report.remarks import told
from slurmfix.report.text import visible
from slurmfix.text import Lines


def workflow_commands(outcomes: Iterable[Outcome]) -> str:
    return "".join(line + "\n" for outcome in outcomes for line in _of(outcome))


def _of(outcome: Outcome) -> Iterator[str]:
    error = error_of(outcome)
    if error:
        yield _command("error", error, file=outcome.path, title="slurmfix")
        return
    for each in told(outcome):
        if each.kind != REFUSAL or not each.line:
            level = "notice" if each.kind == NOTE else "warning"
            place = {"line": each.line, "col": each.column} if each.line else {}
            yield _command(level, each.said, file=outcome.path, title=f"slurmfix: {each.id} [{each.kind}]", **place)
    lines = Lines(outcome.before)
    for step in outcome.steps:
        span = step.finding.span
        line, column = lines.position(span.start)
        end_line, end_column = lines.position(span.end)
        place = {"line": line, "col": column, "endLine": end_line, "endColumn": end_column}
        said = f"{step.finding.says}: {step.why}"
        title = f"slurmfix: {step.finding.rule} [{step.applicability}]"
        yield _command("warning", said, file=outcome.path, title=title, **place)


def _command(name: str, message: str, **properties: str | int) -> str:
    said = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {said}::{_data(message)}"


def _data(text: str) -> str:
    """As actions/toolkit escapes a message; other control characters are shown, not sent."""
    escaped = printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return visible(escaped)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
