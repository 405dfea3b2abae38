"""The findings that the author has taken out: by a comment on their line, in the head of the file, or by rule."""

from __future__ import annotations

import re
from typing import NamedTuple

from slurmfix.remarks import NOTE, Message, Remark, phrase
from slurmfix.rules.acts import Enter, Install, Leave, Provide, Run
from slurmfix.rules.rule import Finding
from slurmfix.shell import Script
from slurmfix.text import Span

_DIRECTIVE = re.compile(
    r"#\s*slurmfix\s*(?P<colon>:?)\s*(?P<word>[A-Za-z]+(?:-[A-Za-z]+)*)\s*(?:\[(?P<rules>[^\]]*)\])?", re.I
)
_EMPTY_LINE = re.compile(r"\n\r?\n")
_LINE, _FILE = "ignore", "ignore-file"


class Directive(NamedTuple):
    """A comment that takes findings out: of its line or of the file, of all rules or of those that it names.

    `slip` says what is wrong with how it is written; `names` are the names behind it that no rule has.
    """

    span: Span
    whole_file: bool
    rules: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    slip: str = ""

    def takes(self, finding: Finding) -> bool:
        return not (self.rules or self.names) or finding.rule in self.rules


def directives(script: Script, known: tuple[str, ...]) -> tuple[Directive, ...]:
    """The comments that are written for slurmfix; what stands behind one is its reason."""
    if "slurmfix" not in script.text:
        return ()
    empty = _EMPTY_LINE.search(script.text, script.header_end)
    head = empty.start() if empty else len(script.text)
    found = []
    for span in script.comments:
        match = _DIRECTIVE.search(script.text, span.start, span.end)
        word = match["word"].lower() if match else ""
        if match is None or not (word in (_LINE, _FILE) or (match["colon"] and _near(word))):
            continue
        named = tuple(name.strip() for name in (match["rules"] or "").split(",") if name.strip())
        rules = tuple(name for name in named if name in known)
        slip = "" if match["colon"] else NO_COLON
        if word not in (_LINE, _FILE):
            slip = NO_SUCH_WORD
        elif word == _FILE and span.start >= head:
            slip = NOT_IN_THE_HEAD
        found.append(Directive(span, word == _FILE, rules, tuple(set(named) - set(rules)), slip))
    return tuple(found)


def _near(word: str) -> bool:
    from difflib import get_close_matches

    return bool(get_close_matches(word, (_LINE, _FILE), 1, 0.7))


def slips(script: Script, known: tuple[str, ...]) -> tuple[Remark, ...]:
    """What is wrong with the comments for slurmfix."""
    found = []
    for each in directives(script, known):
        line = script.text.count("\n", 0, each.span.start) + 1
        words = " ".join(script.text[each.span.start : each.span.end].split())
        if each.slip:
            found.append(SLIP.about(line, words=words, why=each.slip))
        found += [NO_SUCH_RULE.about(line, words=words, rule=name) for name in sorted(each.names)]
    return tuple(found)


NO_COLON = phrase("a colon belongs behind the name slurmfix")
NO_SUCH_WORD = phrase("slurmfix knows the words ignore and ignore-file only")
NOT_IN_THE_HEAD = phrase("ignore-file counts only above the first empty line")
_JOB = "#!/bin/bash\n#SBATCH --time=1:00\nconda activate vision"
SLIP = Message(
    id="slip-in-ignore",
    kind=NOTE,
    subject="the comment `{words}`",
    reason="{why}",
    action="write `# slurmfix: ignore` at the end of the line",
    bad=f"{_JOB}  # slurmfix: ingore\n",
    good=f"{_JOB}  # slurmfix: ignore until the wheels are there\n",
)
NO_SUCH_RULE = Message(
    id="no-rule-to-ignore",
    kind=NOTE,
    subject="the comment `{words}`",
    reason="slurmfix has no rule of the name `{rule}`",
    action="run `slurmfix --rules`, and write one of the names that it lists",
    bad=f"{_JOB}  # slurmfix: ignore[activat]\n",
    good=f"{_JOB}  # slurmfix: ignore[activate]\n",
)


def without_ignored(
    script: Script, findings: tuple[Finding, ...], rules_off: tuple[str, ...] = (), known: tuple[str, ...] = ()
) -> tuple[Finding, ...]:
    """The findings that no comment and no rule of `rules_off` takes out; `known` are the names of all rules."""
    ours = [each for each in directives(script, known) if each.slip in ("", NO_COLON)]
    if not ours and not rules_off:
        return findings

    def is_out(finding: Finding) -> bool:
        return finding.rule in rules_off or any(
            each.takes(finding) and (each.whole_file or _stands_at(finding, each.span, script.text)) for each in ours
        )

    kept = tuple(finding for finding in findings if not is_out(finding))
    if any(isinstance(finding.act, Enter | Run | Install) for finding in findings if finding not in kept):
        # A command of conda's that stays needs what makes conda available.
        kept = tuple(finding for finding in kept if not isinstance(finding.act, Provide))
    left = _left_again(findings)
    return tuple(finding for finding in kept if finding not in left or left[finding] in kept)


def _stands_at(finding: Finding, comment: Span, text: str) -> bool:
    """Whether a comment ends the line on which the command of a finding ends."""
    end = min(finding.command.whole.end, comment.start)
    return "\n" not in text[end : comment.start] and finding.span.start < comment.start


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
