"""Outcomes as plain data: the JSON report, and what every other report is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slurmfix import __version__
from slurmfix.outcome import Outcome
from slurmfix.remarks import NOTE, Remark, phrase
from slurmfix.report.diff import diff
from slurmfix.report.remarks import Told, told
from slurmfix.text import Lines

if TYPE_CHECKING:
    from slurmfix.plan import Served, Step


def record(outcome: Outcome, shown: dict[str, str] | None = None) -> dict[str, Any]:
    """One file of the report, in the shape of report/schema.json."""
    lines = Lines(outcome.before)
    remarks = told(outcome)
    return {
        "path": printable(outcome.path),
        "status": outcome.status,
        "findings": [_finding(step, lines, remarks) for step in outcome.steps],
        "environments": [_environment(served) for served in outcome.environments],
        "creates": [printable(file.path) for file in outcome.created],
        "diff": printable(diff(outcome, shown)),
        "error": printable(error_of(outcome)) or None,
        "remarks": [_remark(each) for each in remarks],
    }


_BROKE = "nothing was written, since slurmfix broke a promise of its own ({why})"


def error_of(outcome: Outcome) -> str:
    if outcome.broken:
        return phrase(_BROKE, why="; ".join(outcome.broken))
    return outcome.error


def _remark(each: Told) -> dict[str, Any]:
    subject, reason, action = each.parts
    return {
        "id": each.id,
        "kind": each.kind,
        "line": each.line or None,
        "column": each.column or None,
        "environment": printable(each.environment) or None,
        "message": printable(f"{subject}: {reason}" if subject else reason),
        "action": printable(action) or None,
    }


def _finding(step: Step, lines: Lines, remarks: list[Told]) -> dict[str, Any]:
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
        "remark_ids": remark_ids(step, line, remarks),
    }


def remark_ids(step: Step, line: int, remarks: list[Told]) -> list[str]:
    """Which of a file's remarks bear on a finding: those on its line, and those on the environment it needs; for a
    change that wants a look for none of these, all that want one, since the changes of a script go together.
    """
    own = [step.why.id] if isinstance(step.why, Remark) else []
    near = [
        each.id
        for each in remarks
        if (each.line == line and not each.environment) or (each.environment and each.environment == step.environment)
    ]
    if not own and not near and step.applicability == "review":
        near = [each.id for each in remarks if each.kind != NOTE]
    return list(dict.fromkeys((*own, *near)))


def _environment(served: Served) -> dict[str, Any]:
    recipe = served.recipe
    return {
        "name": printable(served.named.name),
        "source": printable(recipe.environment.origin) or None,
        "python": recipe.python,
        "strategy": recipe.strategy,
        "modules": list(recipe.modules),
        "requirements": [printable(line) for line in recipe.requirements],
        "prepared": [
            {"requirement": printable(each.requirement), "command": printable(each.command)} for each in recipe.prepared
        ],
        "changed": [
            {key: printable(getattr(each, key)) for key in ("name", "asked", "taken", "why")} for each in recipe.changed
        ],
        "left_out": [{"name": printable(left.name), "why": printable(left.why)} for left in recipe.left_out],
        "reason": printable(f"{recipe.reason[:1].upper()}{recipe.reason[1:]}."),
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
