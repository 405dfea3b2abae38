"""An outcome as a unified diff that `git apply` and `patch -p1` both take, new files included."""

from __future__ import annotations

import re

from slurmfix.outcome import Outcome
from slurmfix.text import Hunk, split_lines

_PLAIN = re.compile(r"[ !#-\[\]-~]+\Z")  # printable ASCII without the quote and the backslash
_ESCAPES = {
    "\a": r"\a",
    "\b": r"\b",
    "\t": r"\t",
    "\n": r"\n",
    "\v": r"\v",
    "\f": r"\f",
    "\r": r"\r",
    '"': r"\"",
    "\\": r"\\",
}


def quoted_name(name: str) -> str:
    """A file's name as git writes it in a diff: odd characters escaped, a name with blanks ended by a tab."""
    if _PLAIN.match(name):
        return name + "\t" if " " in name else name
    encoded = []
    for letter in name:
        if letter in _ESCAPES:
            encoded.append(_ESCAPES[letter])
        elif " " <= letter <= "~":
            encoded.append(letter)
        else:
            encoded += [f"\\{byte:03o}" for byte in letter.encode("utf-8", "surrogateescape")]
    return f'"{"".join(encoded)}"'


def diff(outcome: Outcome, shown: dict[str, str] | None = None) -> str:
    """The diff of one script, then of the files that come with it.

    `shown` maps paths of new files to their text where another script of the same run has already shown or changed
    them; it is added to.
    """
    pieces = [script_diff(outcome)] if outcome.after != outcome.before else []
    seen = shown if shown is not None else {}
    for file in outcome.created:
        if file.path not in seen:
            seen[file.path] = file.text
            pieces.append(new_file_diff(file.diff_path or file.path, file.text))
    return "".join(pieces)


def script_diff(outcome: Outcome) -> str:
    name = outcome.diff_path
    pieces = [f"--- {quoted_name('a/' + name)}\n+++ {quoted_name('b/' + name)}\n"]
    for hunk in outcome.hunks:
        pieces.append(_header(hunk, _rules(outcome, hunk)) + _body(hunk))
    return "".join(pieces)


def new_file_diff(path: str, text: str) -> str:
    lines = tuple(("+", line) for line in split_lines(text))
    if not lines:
        return ""
    count = len(lines)
    head = (
        f"--- /dev/null\n+++ {quoted_name('b/' + path.lstrip('/'))}\n@@ -0,0 +1{f',{count}' if count != 1 else ''} @@\n"
    )
    return head + "".join(_line(sign, line) for sign, line in lines)


def _rules(outcome: Outcome, hunk: Hunk) -> str:
    """The rules that changed a hunk, and the least sure applicability among them."""
    steps = [
        step for step in outcome.steps
        if any(hunk.span.start <= edit.span.start and edit.span.end <= hunk.span.end for edit in step.edits)
    ]  # fmt: skip
    names = list(dict.fromkeys(step.finding.rule for step in steps))
    grade = "review" if any(step.applicability == "review" for step in steps) else "safe"
    return f"{', '.join(names)} [{grade}]" if names else ""


def _header(hunk: Hunk, note: str) -> str:
    old = sum(1 for sign, _ in hunk.lines if sign != "+")
    new = sum(1 for sign, _ in hunk.lines if sign != "-")
    return f"@@ -{_range(hunk.old, old)} +{_range(hunk.new, new)} @@{f' {note}' if note else ''}\n"


def _range(start: int, count: int) -> str:
    if count == 0:
        return f"{start - 1},0"
    return str(start) if count == 1 else f"{start},{count}"


def _line(sign: str, line: str) -> str:
    return f"{sign}{line}" if line.endswith("\n") else f"{sign}{line}\n\\ No newline at end of file\n"


def _body(hunk: Hunk) -> str:
    return "".join(_line(sign, line) for sign, line in hunk.lines)
