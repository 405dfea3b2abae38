"""Outcomes as plain data: the JSON report, and what every other report is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slurmfix import __version__
from slurmfix.outcome import Outcome
from slurmfix.report.diff import diff
from slurmfix.text import Lines

if TYPE_CHECKING:
    from slurmfix.plan import Served, Step


def record(outcome: Outcome, shown: dict[str, str] | None = None) -> dict[str, Any]:
    """One file of the report, in the shape of report/schema.json."""
    lines = Lines(outcome.before)
    return {
        "path": printable(outcome.path),
        "status": outcome.status,
        "findings": [_finding(step, lines) for step in outcome.steps],
        "environments": [_environment(served) for served in outcome.environments],
        "creates": [printable(file.path) for file in outcome.created],
        "diff": printable(diff(outcome, shown)),
        "error": printable(error_of(outcome)) or None,
        "notes": [printable(note) for note in outcome.notes],
    }


def error_of(outcome: Outcome) -> str:
    if outcome.broken:
        return "nothing was written, a promise broke: " + "; ".join(outcome.broken)
    return outcome.error


def _finding(step: Step, lines: Lines) -> dict[str, Any]:
    span = step.finding.span
    line, column = lines.position(span.start)
    end_line, end_column = lines.position(span.end)
    return {
        "rule": step.finding.rule,
        "message": printable(step.finding.says),
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "applicability": step.applicability,
        "environment": printable(step.environment) or None,
        "why": printable(step.why),
    }


def _environment(served: Served) -> dict[str, Any]:
    recipe = served.recipe
    return {
        "name": printable(served.named.name),
        "source": printable(recipe.environment.origin) or None,
        "python": recipe.python,
        "strategy": recipe.strategy,
        "modules": list(recipe.modules),
        "requirements": [printable(line) for line in recipe.requirements],
        "left_out": [{"name": printable(left.name), "why": printable(left.why)} for left in recipe.left_out],
        "reason": printable(recipe.reason),
        "commands": [printable(command) for command in served.commands],
    }


def report(records: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole report of a run."""
    statuses = [entry["status"] for entry in records]
    grades = [finding["applicability"] for entry in records for finding in entry["findings"]]
    return {
        "version": __version__,
        "files": records,
        "summary": {
            "files": len(records),
            **{status: statuses.count(status) for status in ("clean", "fixable", "fixed", "manual", "error")},
            "findings": {grade: grades.count(grade) for grade in ("safe", "review", "manual")},
        },
    }


def printable(text: str) -> str:
    """Text that any JSON reader takes: bytes that are no UTF-8 as the replacement character."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
