"""The findings that the author has taken out: by a comment on their line, in the head of the file, or by rule."""

from __future__ import annotations

import re

from slurmfix.rules.acts import Enter, Install, Leave, Provide, Run
from slurmfix.rules.rule import Finding
from slurmfix.shell import Script

_IGNORE = re.compile(r"#\s*slurmfix:\s*ignore\s*\Z")
_IGNORE_FILE = re.compile(r"#\s*slurmfix:\s*ignore-file\b")
_EMPTY_LINE = re.compile(r"\n\r?\n")


def without_ignored(
    script: Script, findings: tuple[Finding, ...], rules_off: tuple[str, ...] = ()
) -> tuple[Finding, ...]:
    if "slurmfix:" not in script.text and not rules_off:
        return findings
    empty = _EMPTY_LINE.search(script.text, script.header_end)
    head = empty.start() if empty else len(script.text)
    if any(s.start < head and _IGNORE_FILE.match(script.text[s.start : s.end]) for s in script.comments):
        return ()
    ignored = [span for span in script.comments if _IGNORE.search(script.text[span.start : span.end])]

    def stands_there(finding: Finding) -> bool:
        return any(
            "\n" not in script.text[min(finding.command.whole.end, span.start) : span.start]
            and finding.span.start < span.start
            for span in ignored
        )

    kept = tuple(f for f in findings if f.rule not in rules_off and not stands_there(f))
    if any(isinstance(finding.act, Enter | Run | Install) for finding in findings if finding not in kept):
        # A command of conda's that stays needs what makes conda available.
        kept = tuple(finding for finding in kept if not isinstance(finding.act, Provide))
    left = _left_again(findings)
    return tuple(finding for finding in kept if finding not in left or left[finding] in kept)


def _left_again(findings: tuple[Finding, ...]) -> dict[Finding, Finding]:
    """Each deactivation with the activation above it that it ends: it stays where that stays."""
    active: list[Finding] = []
    left: dict[Finding, Finding] = {}
    for finding in findings:
        if isinstance(finding.act, Enter):
            active.append(finding)
        elif isinstance(finding.act, Leave) and active:
            left[finding] = active.pop()
    return left
