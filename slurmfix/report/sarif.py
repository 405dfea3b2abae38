"""Findings as SARIF 2.1.0: rules with their manual pages, fixes to the byte, fingerprints and suppressions."""

from __future__ import annotations

import base64
import hashlib
import os
from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from slurmfix import __version__
from slurmfix.decisions import Decision, decisions
from slurmfix.outcome import Outcome
from slurmfix.remarks import DOUBT, KINDS, NOTE, REFUSAL, Message, messages
from slurmfix.report.manual import message_page, summary_of
from slurmfix.report.records import error_of, printable
from slurmfix.report.remarks import UNNAMED, Told, told
from slurmfix.rules import RULES, Finding
from slurmfix.text import Lines, Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {REFUSAL: "warning", DOUBT: "warning", NOTE: "note"}
_BASE = "SRCROOT"


def sarif(outcomes: Iterable[Outcome], folder: str) -> dict[str, Any]:
    """The log of a run that was started in `folder`, which relative addresses count from."""
    listed = list(outcomes)
    rules = _rules()
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    failed = [notification for outcome in listed for notification in _notifications(outcome)]
    run = {
        "tool": {
            "driver": {"name": "slurmfix", "version": __version__, "semanticVersion": __version__, "rules": rules}
        },
        "invocations": [
            {
                "executionSuccessful": not any(outcome.error or outcome.broken for outcome in listed),
                "toolExecutionNotifications": failed,
            }
        ],
        "originalUriBaseIds": {_BASE: {"uri": f"file://{_quoted(folder.rstrip('/'))}/"}},
        "columnKind": "unicodeCodePoints",
        "results": [result for outcome in listed for result in _results(outcome, numbers)],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rules() -> list[dict[str, Any]]:
    """The rules, then the messages: each says one thing."""
    return [
        *_own_rules(),
        *map(_message_rule, (each for each in messages() if each.kind in _LEVELS)),
        *(_unnamed(kind, name) for kind, name in UNNAMED.items()),
    ]


def _message_rule(message: Message) -> dict[str, Any]:
    text = message_page(message)
    return {
        "id": message.id,
        "shortDescription": {"text": f"{message.subject}: {message.reason}"},
        "help": {"text": text, "markdown": f"```text\n{text}\n```"},
        "defaultConfiguration": {"level": _LEVELS[message.kind]},
        "properties": {"kind": message.kind},
    }


def _unnamed(kind: str, name: str) -> dict[str, Any]:
    level = {"level": _LEVELS[kind]}
    return {
        "id": name,
        "shortDescription": {"text": KINDS[kind]},
        "defaultConfiguration": level,
        "properties": {"kind": kind},
    }


def _own_rules() -> list[dict[str, Any]]:
    return [
        {
            "id": rule.name,
            "shortDescription": {"text": rule.says},
            "fullDescription": {"text": summary_of(rule)},
            "help": {"text": rule.manual.strip(), "markdown": f"```text\n{rule.manual.strip()}\n```"},
            "defaultConfiguration": {"level": "warning"},
        }
        for rule in RULES
    ]


def _notifications(outcome: Outcome) -> list[dict[str, Any]]:
    error = error_of(outcome)
    place = [{"physicalLocation": {"artifactLocation": _artifact(outcome.path)}}]
    return [{"level": "error", "message": {"text": printable(error)}, "locations": place}] if error else []


def _results(outcome: Outcome, numbers: dict[str, int]) -> list[dict[str, Any]]:
    if outcome.error or outcome.broken:
        return []
    place = _Place(outcome)
    fixes = {decision.leading.finding.span: place.fix(decision) for decision in decisions(outcome)}
    rows = [(step.finding, step.why, step.applicability) for step in outcome.steps]
    rows += [(finding, "ignored by a comment in the script", "") for finding in outcome.ignored]
    results = []
    for finding, why, applicability in sorted(rows, key=lambda row: row[0].span):
        result = {
            "ruleId": finding.rule,
            "ruleIndex": numbers[finding.rule],
            "level": "warning" if applicability else "none",
            "message": {"text": printable(f"{finding.says}: {why}")},
            "locations": [
                {"physicalLocation": {"artifactLocation": place.artifact, "region": place.region(finding.span)}}
            ],
            "partialFingerprints": {"slurmfix/v1": place.fingerprint(finding)},
            "suppressions": [] if applicability else [{"kind": "inSource"}],
        }
        if applicability:
            result["properties"] = {"applicability": applicability}
            if finding.span in fixes:
                result["fixes"] = [fixes.pop(finding.span)]
        results.append(result)
    return [*results, *(_remark(each, place, numbers) for each in told(outcome))]


def _remark(each: Told, place: _Place, numbers: dict[str, int]) -> dict[str, Any]:
    span = place.lines.behind(each.line, each.column) if each.line else Span(0, 0)
    where = {"artifactLocation": place.artifact, "region": place.region(span)}
    return {
        "ruleId": each.id,
        "ruleIndex": numbers[each.id],
        "level": _LEVELS[each.kind],
        "message": {"text": printable(each.said)},
        "locations": [{"physicalLocation": where}],
        "partialFingerprints": {"slurmfix/v1": place.printed(each.id, place.text[span.start : span.end])},
        "suppressions": [],
        "properties": {"kind": each.kind},
    }


class _Place:
    """One file's text, in the units that SARIF counts in."""

    def __init__(self, outcome: Outcome) -> None:
        self.text = outcome.before
        self.lines = Lines(outcome.before)
        self.artifact = _artifact(outcome.path)
        self.path = outcome.diff_path or outcome.path
        self.seen: Counter[tuple[str, str]] = Counter()

    def region(self, span: Span) -> dict[str, int]:
        line, column = self.lines.position(span.start)
        end_line, end_column = self.lines.position(span.end)
        return {
            "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column,
            "charOffset": span.start, "charLength": span.end - span.start,
            "byteOffset": len(_bytes(self.text[: span.start])),
            "byteLength": len(_bytes(self.text[span.start : span.end])),
        }  # fmt: skip

    def fix(self, decision: Decision) -> dict[str, Any]:
        """Everything that belongs to one decision, the new files included: half of it would break the job."""
        replacements = [
            {"deletedRegion": self.region(edit.span), "insertedContent": _content(edit.new)} for edit in decision.edits
        ]
        changes = [{"artifactLocation": self.artifact, "replacements": replacements}]
        nowhere = {"charOffset": 0, "charLength": 0, "byteOffset": 0, "byteLength": 0}
        for file in decision.files:
            added = {"deletedRegion": nowhere, "insertedContent": _content(file.text)}
            changes.append({"artifactLocation": _artifact(file.path), "replacements": [added]})
        rules = ", ".join(dict.fromkeys(step.finding.rule for step in decision.steps))
        return {
            "description": {"text": f"{rules} [{'review' if decision.review else 'safe'}]"},
            "artifactChanges": changes,
        }

    def fingerprint(self, finding: Finding) -> str:
        """The same wherever in the file the finding stands: of the rule, the file, the words, and which of the same."""
        return self.printed(finding.rule, " ".join(self.text[finding.span.start : finding.span.end].split()))

    def printed(self, rule: str, words: str) -> str:
        number = self.seen[rule, words]
        self.seen[rule, words] += 1
        said = "\0".join((rule, self.path, words, str(number)))
        return hashlib.sha256(_bytes(said)).hexdigest()[:32]


def _content(text: str) -> dict[str, str]:
    """Bytes that are no UTF-8 cannot be said as text."""
    data = _bytes(text)
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"binary": base64.b64encode(data).decode("ascii")}


def _artifact(path: str) -> dict[str, str]:
    if path == "-":
        return {"uri": "standard-input"}
    near = os.path.relpath(path)
    if near.startswith(".."):
        return {"uri": f"file://{_quoted(os.path.abspath(path))}"}
    return {"uri": _quoted(near), "uriBaseId": _BASE}


def _quoted(path: str) -> str:
    return quote(os.fsencode(path), safe="/~")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
