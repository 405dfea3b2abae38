"""What goes with lines that go: the comments that speak of nothing else, and a blank line where two would meet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from slurmfix.shell import Command, Script
from slurmfix.text import Edit, Span

_BLANK = re.compile(r"[ \t]*\r?\n")
_COMMENT = re.compile(r"[ \t]*#(?!!|SBATCH|PBS|[ \t]*slurmfix:)(?P<said>[^\n]*)(?:\n|\Z)")
_TRAILING = re.compile(r"[ \t]*#(?!SBATCH|!|[ \t]*slurmfix:)(?P<said>[^\n]*)(?:\n|\Z)")
# A line that starts nothing, behind which a comment heads no more: a blank one, a comment, the end of a body, the end.
_HEADS_NO_MORE = re.compile(r"[ \t]*(?:\r?\n|#|(?:fi|done|esac|else|\}|\)|;;)|\Z)")
_CONDA = re.compile(r"(?<!se)conda|mamba|miniforge|virtual ?env|environment", re.I)
_ACTIVATES = re.compile(r"activat|env", re.I)  # so do the new lines
_BLANKS = re.compile(r"[ \t]+(?=\r?\n|\Z)")
_BRANCHES = re.compile(r"\b(?:then|do)\b")
_GIVES_UP = ("exit", "return", "echo", "printf", "false", "true", ":")
_WORD = re.compile(r"[A-Za-z]{2,}[\w.-]*")
# The words of which a comment is made that speaks of conda alone.
_SPOKEN = frozenset(
    """
    activate activated activating activation add adds allow allows an anaconda anaconda3 and available base bash be
    before below block command commands conda conda.sh condas configure current enable enabled enables env
    environment environments file first for from function functions get hook in init initialise initialization
    initialize initialized initializing initiate into is it job jobs load loaded loading loads local make makes
    mamba micromamba miniconda miniconda2 miniconda3 miniforge miniforge3 module modules must my need needed needs
    of on our path prepare present properly python required run script set sets setting setup shell so source
    sourced sourcing start step that the then this to up use used using virtual when with work working works you
    your
    """.split()
)


class _Run(NamedTuple):
    """Whole lines that go, in a row; the numbers of their edits."""

    span: Span
    edits: tuple[int, ...]


def tidied(script: Script, edits: Iterable[Edit]) -> dict[Edit, Edit]:
    """For the edits that take whole lines out: the same with what goes along."""
    text = script.text
    whole = sorted({edit for edit in edits if _takes_lines(edit, text)}, key=lambda edit: edit.span.start)
    instead = {edit: _with_comment(edit, text) for edit in whole}
    others = [edit for edit in edits if edit not in instead]
    instead |= {edit: _with_blanks(edit, text) for edit in others}
    goes_on = frozenset(text.rfind("\n", 0, edit.span.start) + 1 for edit in others)
    for run in _runs([instead[edit] for edit in whole]):
        span = _widened(text, run.span, run.span.end in goes_on)
        if any(other.span.start < span.end and span.start < other.span.end for other in others):
            continue
        first, last = whole[run.edits[0]], whole[run.edits[-1]]
        instead[first] = Edit(Span(span.start, instead[first].span.end), "")
        instead[last] = Edit(Span(instead[last].span.start, span.end), "")
    return {edit: new for edit, new in instead.items() if new != edit}


def comment_behind(script: Script, command: Command) -> Span | None:
    """The comment behind a command that starts its line, and the blanks before it. What gives up if the command fails
    (`|| exit 1`) may stand between; of any other command the comment may speak.
    """
    text, (start, end) = script.text, command.whole
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    comment = next((span for span in script.comments if end <= span.start < line_end), None)
    if comment is None or text[text.rfind("\n", 0, start) + 1 : start].strip():
        return None
    between = [c for c in script.commands if end <= c.span.start < comment.start]
    spoken_of = any(c.name not in _GIVES_UP for c in between)
    match = _TRAILING.match(text, comment.start)
    if spoken_of or match is None or _BRANCHES.search(text, end, comment.start):
        return None
    blanks = len(text[: comment.start]) - len(text[: comment.start].rstrip(" \t"))
    return Span(comment.start - blanks, match.start("said") + len(match["said"].rstrip("\r")))


def _takes_lines(edit: Edit, text: str) -> bool:
    """Whether an edit takes lines out that hold nothing else, but perhaps a comment behind."""
    start, end = edit.span
    begins = not text[text.rfind("\n", 0, start) + 1 : start].strip()
    ends = text[end - 1 : end] == "\n" or end == len(text) or _TRAILING.match(text, end) is not None
    return not edit.new and start < end and begins and ends


def _with_comment(edit: Edit, text: str) -> Edit:
    """The edit with the comment behind its line that speaks of conda alone."""
    start, end = edit.span
    comment = _TRAILING.match(text, end) if text[end - 1 : end] != "\n" else None
    if comment is None or not _of_conda_alone(comment["said"]):
        return edit
    return Edit(Span(text.rfind("\n", 0, start) + 1, comment.end()), "")


def _with_blanks(edit: Edit, text: str) -> Edit:
    """New lines with the blanks behind the old one, which nobody sees."""
    blanks = _BLANKS.match(text, edit.span.end) if "\n" in edit.new else None
    return Edit(Span(edit.span.start, blanks.end()), edit.new) if blanks else edit


def _runs(edits: list[Edit]) -> list[_Run]:
    runs: list[_Run] = []
    for number, edit in enumerate(edits):
        if runs and runs[-1].span.end == edit.span.start:
            before = runs.pop()
            runs.append(_Run(Span(before.span.start, edit.span.end), (*before.edits, number)))
        else:
            runs.append(_Run(edit.span, (number,)))
    return runs


def _widened(text: str, span: Span, goes_on: bool) -> Span:
    """A stretch of lines with the comments above it that head nothing else, and one of two blank lines around it.
    `goes_on`: new lines stand below, which a comment on conda alone does not head.
    """
    start, end = span
    if text[end - 1 : end] != "\n" or text[start - 1 : start] not in ("\n", ""):
        return span
    while (goes_on or _HEADS_NO_MORE.match(text, end)) and (above := _line_above(text, start)) < start:
        comment = _COMMENT.match(text, above)
        if comment is None or not _of_conda_alone(comment["said"]) or (goes_on and _ACTIVATES.search(comment["said"])):
            break
        start = above
    below = _BLANK.match(text, end)
    if below and (start == 0 or _BLANK.match(text, _line_above(text, start))):
        end = below.end()
    return Span(start, end)


def _line_above(text: str, start: int) -> int:
    return text.rfind("\n", 0, max(start - 1, 0)) + 1 if start else 0


def _of_conda_alone(said: str) -> bool:
    """Whether a comment speaks of conda and of nothing else."""
    words = [word.lower().rstrip(".-") for word in _WORD.findall(said)]
    return _CONDA.search(said) is not None and _SPOKEN.issuperset(words)
