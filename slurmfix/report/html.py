"""Outcomes as one HTML page that holds all it needs: a page to read, a style, a script, and the data as JSON."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slurmfix import __version__
from slurmfix.language import chosen, tr
from slurmfix.outcome import Outcome
from slurmfix.report.manual import pages
from slurmfix.report.overview import way_of
from slurmfix.report.records import error_of, printable
from slurmfix.report.remarks import Told, told
from slurmfix.text import Hunk, Lines, hunks

if TYPE_CHECKING:
    from slurmfix.plan import Served

_HERE = Path(__file__).parent
_PLACE = re.compile(r"\{\{(\w+)\}\}")
_WORDS = re.compile(r"\[\[(.+?)\]\]")  # of page.html
_SAID = re.compile(r"\b(?:say|many)\(\"([^\"]+)\"(?:, \"([^\"]+)\")?")  # of page.js


def page(outcomes: Iterable[Outcome]) -> str:
    style, script = _asset("page.css"), _asset("page.js")
    # Nothing may be fetched, and no script runs but the one whose hash stands here, whatever the data say.
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    parts = {
        "policy": policy,
        "style": style,
        "script": script,
        "language": chosen(),
        "data": embedded(_data(list(outcomes))),
    }
    frame = _WORDS.sub(lambda match: escape(tr(match[1])), _asset("page.html"))
    return _PLACE.sub(lambda match: parts[match[1]], frame)


def words_of_the_page() -> tuple[str, ...]:
    """All that the page says of its own, in English."""
    of_the_script = (text for match in _SAID.finditer(_asset("page.js")) for text in match.groups() if text)
    return tuple(dict.fromkeys((*of_the_script, *_WORDS.findall(_asset("page.html")))))


def _asset(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def embedded(document: object) -> str:
    """JSON that cannot end the element it stands in: `<`, `>`, `&` and all that is not ASCII are escaped."""
    text = json.dumps(document, ensure_ascii=True, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _data(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """What the page shows. Environments and new files that several scripts share stand in it once."""
    environments: dict[str, int] = {}
    created: dict[tuple[str, str], int] = {}
    scripts = [_script(outcome, environments, created) for outcome in outcomes]
    return {
        "version": __version__,
        "language": chosen(),
        "words": {text: said for text in words_of_the_page() if (said := tr(text)) != text},
        "pages": {each.name: {"kind": each.kind, "says": each.says, "text": each.text} for each in pages()},
        "scripts": scripts,
        "environments": [json.loads(text) for text in environments],
        "files": [{"path": printable(path), "text": printable(text)} for path, text in created],
    }


def _script(outcome: Outcome, environments: dict[str, int], created: dict[tuple[str, str], int]) -> dict[str, Any]:
    lines = Lines(outcome.before)
    served_by = [json.dumps(_environment(served)) for served in outcome.environments]
    return {
        "path": printable(outcome.path),
        "status": outcome.status,
        "grade": _grade(outcome),
        "key": _key(outcome),
        "before": printable(outcome.before) if outcome.steps else "",
        "regions": [_region(hunk) for hunk in hunks(outcome.before, outcome.after, outcome.edits, context=0)],
        "findings": [
            {
                "rule": step.finding.rule,
                "says": printable(tr(step.finding.says)),
                "why": printable(tr(step.why)),
                "grade": step.applicability,
                "line": lines.position(step.finding.span.start)[0],
                "end": lines.position(max(step.finding.span.end - 1, step.finding.span.start))[0],
                "changes": [lines.position(edit.span.start)[0] for edit in step.edits],
            }
            for step in outcome.steps
        ],
        "environments": [environments.setdefault(text, len(environments)) for text in served_by],
        "files": [created.setdefault((file.path, file.text), len(created)) for file in outcome.created],
        "error": printable(tr(error_of(outcome))),
        "remarks": [_remark(each) for each in told(outcome)],
    }


def _remark(each: Told) -> dict[str, Any]:
    return {
        "id": each.id,
        "kind": each.kind,
        "line": each.line,
        "environment": printable(each.environment),
        "said": printable(each.worded),
    }


def _region(hunk: Hunk) -> list[Any]:
    """Lines of the old text, from 0, the last not in it, and what stands there in the new text."""
    removed = sum(1 for sign, _ in hunk.lines if sign == "-")
    added = "".join(line for sign, line in hunk.lines if sign == "+")
    start = hunk.old - 1
    return [start, start + removed, printable(added)]


def _grade(outcome: Outcome) -> str:
    """A script is as sure as its least sure finding."""
    if outcome.error or outcome.broken:
        return "error"
    if outcome.left:
        return "manual"
    grades = {step.applicability for step in outcome.steps}
    if "review" in grades or (outcome.changes and not outcome.steps):
        return "review"
    return "safe" if outcome.changes else "clean"


def _key(outcome: Outcome) -> str:
    """Of the content: a script that changed since someone looked at it is to be looked at again."""
    made = "".join(f"\0{file.path}\0{file.text}" for file in outcome.created)
    said = f"{outcome.path}\0{outcome.before}\0{outcome.after}{made}\0{error_of(outcome)}"
    return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _environment(served: Served) -> dict[str, Any]:
    recipe = served.recipe
    return {
        "name": printable(served.named.name),
        "source": printable(tr(recipe.environment.origin)),
        "guess": recipe.environment.guess,
        "python": recipe.python,
        "strategy": recipe.strategy,
        "way": way_of(served),
        "reason": printable(_sentence(tr(recipe.reason))),
        "modules": list(recipe.modules),
        "requirements": [printable(line) for line in recipe.requirements],
        "left": [
            {"name": printable(left.name), "why": printable(tr(left.why)), "kind": left.kind}
            for left in recipe.left_out
        ],
        "refused": printable(tr(served.refused)),
        "build": [printable(command) for command in (*served.commands, *(each.command for each in recipe.prepared))],
    }


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
