"""The story of one job script: find, plan, edit, verify."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from slurmfix.plan import MANUAL, REVIEW, NewFile, Plan, Serve, Style, make_plan
from slurmfix.rules import Finding, find
from slurmfix.shell import Script, read
from slurmfix.text import Edit, Span, apply, line_ending, moved

# Says why bash refuses a text; "" where it reads it, None where there is no bash to ask.
Syntax = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one script; `after` is `before` where nothing changes. `broken` names the promises that broke."""

    path: str
    before: str
    after: str
    plan: Plan
    broken: tuple[str, ...] = ()
    error: str = ""
    notes: tuple[str, ...] = ()
    written: bool = False

    @property
    def files(self) -> tuple[NewFile, ...]:
        """The files that come along with the change."""
        return self.plan.files if self.after != self.before else ()

    @property
    def status(self) -> str:
        """clean, fixable, fixed, manual or error, as the report names them."""
        if self.error or self.broken:
            return "error"
        if self.after != self.before:
            return "fixed" if self.written else "fixable"
        return "manual" if self.plan.steps else "clean"

    @property
    def left(self) -> bool:
        """Whether something remains for a person."""
        return any(step.applicability == MANUAL for step in self.plan.steps)


_NOTHING = Plan(())
_IGNORE = re.compile(r"#\s*slurmfix:\s*ignore\s*\Z")
_IGNORE_FILE = re.compile(r"^[ \t]*#\s*slurmfix:\s*ignore-file\b", re.M)


def convert(
    path: str,
    text: str,
    serve_for: Callable[[Script, tuple[Finding, ...]], Serve],
    style: Style,
    safe_only: bool = False,
    syntax: Syntax = lambda text: None,
    agreed: Callable[[Plan], Plan] = lambda plan: plan,
) -> Outcome:
    """Convert one script. `serve_for` looks up environments for it; with `agreed` a person may take steps out.

    Raises TemplateFailed.
    """
    script = read(text)
    findings = _without_ignored(script, find(script))
    if not findings:
        return Outcome(path, text, text, _NOTHING, notes=_notes(script))
    plan = make_plan(script, findings, serve_for(script, findings), style)
    if safe_only:
        plan = _only_safe(plan)
    plan = agreed(plan)
    edits = _with_line_ends(plan.edits, text)
    try:
        after = apply(text, edits)
    except ValueError as error:
        return Outcome(path, text, text, plan, broken=(str(error),))
    outcome = Outcome(path, text, after, plan, notes=_notes(script))
    if after == text:
        return outcome
    broken = verify(script, after, edits, syntax)
    if not broken and not safe_only:
        broken = _stable(after, serve_for, style)
    return replace(outcome, after=text, broken=broken) if broken else outcome


def _with_line_ends(edits: tuple[Edit, ...], text: str) -> tuple[Edit, ...]:
    ending = line_ending(text)
    if ending == "\n":
        return edits
    return tuple(Edit(edit.span, edit.new.replace("\n", ending)) for edit in edits)


def _only_safe(plan: Plan) -> Plan:
    steps = tuple(replace(step, edits=()) if step.applicability == REVIEW else step for step in plan.steps)
    return replace(plan, steps=steps, environments=plan.environments if any(s.edits for s in steps) else ())


def _without_ignored(script: Script, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    if "slurmfix:" not in script.text:
        return findings
    head = script.text[: script.header_end] + script.text[script.header_end :].split("\n\n", 1)[0]
    if _IGNORE_FILE.search(head):
        return ()
    ignored = [span for span in script.comments if _IGNORE.search(script.text[span.start : span.end])]

    def stands_there(finding: Finding) -> bool:
        return any("\n" not in script.text[min(finding.command.whole.end, span.start) : span.start] and finding.span.start < span.start for span in ignored)

    return tuple(finding for finding in findings if not stands_there(finding))


def _notes(script: Script) -> tuple[str, ...]:
    notes = []
    if "\r\n" in script.text:
        notes.append("has DOS line ends (CRLF), which sbatch refuses: dos2unix mends that")
    if script.text.startswith("\ufeff"):
        notes.append("starts with a byte order mark, which sbatch refuses")
    if script.containers:
        lines = sorted({script.text.count("\n", 0, span.start) + 1 for span in script.containers})
        notes.append(f"what runs inside a container is left alone (line {', '.join(map(str, lines))})")
    return tuple(notes)


def verify(script: Script, after: str, edits: tuple[Edit, ...], syntax: Syntax) -> tuple[str, ...]:
    """The promises that the new text breaks: it reads, all other commands stand, and bash says the same of it."""
    broken = []
    new = read(after)
    if len(new.unread) > len(script.unread):
        broken.append("the new text has regions that cannot be read")
    if new.shebang != script.shebang:
        broken.append("the shebang changed")
    old_lines = [script.text[d.span.start : d.span.end] for d in script.directives]
    if old_lines != [after[d.span.start : d.span.end] for d in new.directives]:
        broken.append("the effective #SBATCH lines changed")
    if _outside(script, tuple(edit.span for edit in edits)) != _outside(new, moved(edits)):
        broken.append("a command outside of the edits changed")
    refused = syntax(after)
    if refused and not syntax(script.text):
        broken.append(f"bash accepts the script and refuses its rewrite: {refused}")
    return tuple(broken)


def _outside(script: Script, spans: tuple[Span, ...]) -> list[str]:
    """The commands that no edit touches, word for word, in order."""
    ordered = sorted(spans)
    found, at = [], 0
    for command in script.commands:
        span = command.span
        while at < len(ordered) and ordered[at].end < span.start:
            at += 1
        if not any(_touches(edit, span) for edit in ordered[max(at - 1, 0) :] if edit.start <= span.end):
            found.append(command.source)
    return found


def _touches(edit: Span, command: Span) -> bool:
    return edit.meets(command) or (edit.start == edit.end and command.start < edit.start < command.end)


def _stable(after: str, serve_for: Callable[[Script, tuple[Finding, ...]], Serve], style: Style) -> tuple[str, ...]:
    """Run again, nothing is left to do that is not manual."""
    script = read(after)
    findings = _without_ignored(script, find(script))
    if not findings:
        return ()
    again = make_plan(script, findings, serve_for(script, findings), style)
    left = [step for step in again.steps if step.edits]
    if left:
        line = after.count("\n", 0, left[0].finding.span.start) + 1
        return (f"run again, it would still change line {line} of the new text ({left[0].finding.rule})",)
    return ()
