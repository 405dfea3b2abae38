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
_NAMES_CONDA = re.compile(r"(?<!se)(?:conda|mamba|miniforge)", re.I)  # behind a line of conda's that says enough
_SETS_UP = re.compile(r"load|modul|sourc|set.?up|init|activat|path|bashrc|profile|\benv", re.I)
_ACTIVATES = re.compile(r"activat|env", re.I)  # so do the new lines
_BLANKS = re.compile(r"[ \t]+(?=\r?\n|\Z)")
_BRANCHES = re.compile(r"\b(?:then|do)\b")
_GIVES_UP = ("exit", "return", "echo", "printf", "false", "true", ":")
_WORD = re.compile(r"[A-Za-z]{2,}[\w.-]*")
# The words of which a comment is made that speaks of conda alone, or of what sets a job up.
_SPOKEN = frozenset(
    """
    activate activated activating activation add adds all allow allows an anaconda anaconda3 and any append are as
    available base bash bashrc be before below block command commands conda conda.sh condas configure correct current
    custom customize directory enable enabled enables ensure env environment environments export exports file first
    folder for from function functions get head headnode hook if in init initialise initialization initialize
    initialized initializing initiate install installation installed into is it its job jobs line lines load loaded
    loading loads local location login make makes mamba micromamba miniconda miniconda2 miniconda3 miniforge
    miniforge3 module modules must my necessary need needed needs node of on only our own packages path personal point
    points prepare present profile properly python relevant required right run same script set sets setting settings
    setup shell so source sourced sourcing specific start startup step sure that the then this to up use used user
    users using variable variables version virtual when where with work working works you your
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
    if comment is None or not (_NAMES_CONDA.search(comment["said"]) or _is_made_of(comment["said"], text[start:end])):
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
        if comment is None or not _heads_alone(comment["said"], text[span.start : span.end], goes_on):
            break
        start = above
    below = _BLANK.match(text, end)
    if below and (start == 0 or _BLANK.match(text, _line_above(text, start))):
        end = below.end()
    return Span(start, end)


def _line_above(text: str, start: int) -> int:
    return text.rfind("\n", 0, max(start - 1, 0)) + 1 if start else 0


def _heads_alone(said: str, lines: str, goes_on: bool) -> bool:
    """Whether a comment above lines that go speaks of nothing but these: of new lines below it, which also load modules
    and activate, it may speak as well.
    """
    if goes_on:
        return _CONDA.search(said) is not None and not _ACTIVATES.search(said) and _is_made_of(said)
    of_conda = _CONDA.search(said) is not None
    return (of_conda or _SETS_UP.search(said) is not None) and _is_made_of(said, lines)


def _is_made_of(said: str, lines: str = "") -> bool:
    """Whether a comment has no word but those of what sets conda up, and those of the `lines` that it stands at."""
    words = {word.lower().rstrip(".-") for word in _WORD.findall(said)}
    own = {word.lower() for word in re.findall(r"[A-Za-z]{2,}\w*", lines)}
    return bool(words) and words <= _SPOKEN | own
