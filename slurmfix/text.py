"""Positions in a text, edits of it, and the hunks of a unified diff between two texts."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, count
from operator import add
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of a text in code points: `start` is in it, `end` is not. They sort by their place."""

    start: int
    end: int

    def holds(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def meets(self, other: Span) -> bool:
        """Whether both share a character, or one lies strictly inside the other."""
        return self.start < other.end and other.start < self.end


LONGEST = 60  # characters of a command that is shown
_CUT = re.compile(r"[ /]")  # where a command may be cut
_JOINED = "\\\n"  # what bash takes out: the end of a line that goes on


def excerpt(source: str, at: int = 0) -> str:
    """A command as one line of at most 60 characters, with what stands at `at` in it; `…` is what is left out."""
    whole = " ".join(source.replace(_JOINED, " ").split())
    if len(whole) <= LONGEST:
        return whole
    place = len(" ".join(source[:at].replace(_JOINED, " ").split()))
    start = max(0, min(place - LONGEST // 3, len(whole) - LONGEST + 1))
    if start:
        cut = _CUT.search(whole, start, place)
        start = cut.start() + (cut[0] == " ") if cut else start
    room = LONGEST - (start > 0)
    shown = whole[start:] if len(whole) - start <= room else f"{whole[start : start + room - 1]}…"
    return f"…{shown}" if start else shown


class Cover:
    """Some spans, asked whether one of them holds another; each question takes a search by halves."""

    def __init__(self, spans: Iterable[Span]) -> None:
        ordered = sorted(spans)
        self._starts = [span.start for span in ordered]
        self._ends = list(accumulate((span.end for span in ordered), max))  # the furthest up to here

    def holds(self, span: Span) -> bool:
        at = bisect_right(self._starts, span.start)
        return at > 0 and self._ends[at - 1] >= span.end


@dataclass(frozen=True, slots=True)
class Edit:
    """What stands at `span` becomes `new`; an empty span inserts."""

    span: Span
    new: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text after the edits, all of whose spans count in the old text.

    Raises ValueError where two edits overlap. Edits that insert at one place keep their order.
    """
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        if edit.span.start < at:
            raise ValueError(f"two edits overlap at {edit.span.start}")
        pieces += [text[at : edit.span.start], edit.new]
        at = edit.span.end
    return "".join([*pieces, text[at:]])


def taken_out(edit: Edit, text: str) -> Span:
    """What an edit takes out of the text: without what the new text begins and ends with as well."""
    old, new = text[edit.span.start : edit.span.end], edit.new
    first = _alike(old, new)
    last = _alike(old[first:][::-1], new[first:][::-1])
    return Span(edit.span.start + first, edit.span.end - last)


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def moved(edits: Sequence[Edit]) -> tuple[Span, ...]:
    """Where the new text of each edit stands after all are applied, in the order of their places."""
    spans, shift = [], 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        start = edit.span.start + shift
        spans.append(Span(start, start + len(edit.new)))
        shift += len(edit.new) - (edit.span.end - edit.span.start)
    return tuple(spans)


@lru_cache(maxsize=4)
def _starts(text: str) -> tuple[int, ...]:
    """Where each line starts. The two texts of a script are asked about by everyone who looks at it."""
    lengths = map(len, text.split("\n")[:-1])
    return tuple(map(add, accumulate(lengths, initial=0), count()))  # (Each newline before it counts as well.)


class Lines:
    """Line and column of an offset, and the extent of lines; both count from 1 for people."""

    __slots__ = ("starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = _starts(text)

    def position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def start(self, offset: int) -> int:
        return self.starts[bisect_right(self.starts, offset) - 1]

    def end(self, offset: int) -> int:
        """Where the line's own end begins (its newline, with a carriage return before it), or the end of the text."""
        line = bisect_right(self.starts, offset)
        if line == len(self.starts):
            return len(self.text)
        end = self.starts[line] - 1
        return end - 1 if end > self.starts[line - 1] and self.text[end - 1] == "\r" else end

    def behind(self, line: int, column: int) -> Span:
        """What stands on a line from a column on."""
        start = min(self.starts[line - 1] + max(column, 1) - 1, len(self.text))
        return Span(start, max(start, self.end(start)))

    def after(self, offset: int) -> int:
        """Where the next line starts, or the end of the text."""
        line = bisect_right(self.starts, offset)
        return self.starts[line] if line < len(self.starts) else len(self.text)


def line_ending(text: str) -> str:
    """The text's own line ending: CRLF where its first line has it, else LF."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


@dataclass(frozen=True, slots=True)
class Hunk:
    """A hunk of a unified diff: lines with their ends, and the span of the old text that its changes lie in.

    `old` and `new` count the first line from 1. `lines` are (" ", "-" or "+", line).
    """

    old: int
    new: int
    lines: tuple[tuple[str, str], ...]
    span: Span


def split_lines(text: str) -> list[str]:
    """The lines with their newlines; nothing but a newline ends a line, as in diff and patch."""
    lines = text.split("\n")
    ended = [line + "\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended


def hunks(before: str, after: str, edits: Sequence[Edit], context: int = 3) -> tuple[Hunk, ...]:
    """The hunks from `before` to `after`, told by the edits that lead there: no lines need to be compared."""
    if before == after:
        return ()
    old, new = split_lines(before), split_lines(after)
    regions = _regions(before, after, edits, old, new)
    groups: list[list[tuple[int, int, int, int]]] = []
    for region in regions:
        if groups and region[0] - groups[-1][-1][1] <= 2 * context:
            groups[-1].append(region)
        else:
            groups.append([region])
    starts = Lines(before).starts
    found = []
    for group in groups:
        first, last = group[0], group[-1]
        start, stop = max(first[0] - context, 0), min(last[1] + context, len(old))
        lines: list[tuple[str, str]] = []
        at = start
        for old_start, old_stop, new_start, new_stop in group:
            lines += [(" ", line) for line in old[at:old_start]]
            lines += [("-", line) for line in old[old_start:old_stop]]
            lines += [("+", line) for line in new[new_start:new_stop]]
            at = old_stop
        lines += [(" ", line) for line in old[at:stop]]
        begin = starts[first[0]] if first[0] < len(starts) else len(before)
        end = starts[last[1]] if last[1] < len(starts) else len(before)
        found.append(Hunk(start + 1, first[2] - (first[0] - start) + 1, tuple(lines), Span(begin, end)))
    return tuple(found)


def _regions(
    before: str, after: str, edits: Sequence[Edit], old: list[str], new: list[str]
) -> list[tuple[int, int, int, int]]:
    """Runs of lines that differ: first and last line in the old and in the new text, from 0, the last not in it."""
    old_lines, new_lines = Lines(before), Lines(after)
    ordered = sorted(edits, key=lambda edit: edit.span)
    rows: list[list[int]] = []
    for edit, place in zip(ordered, moved(ordered), strict=True):
        touched = [
            old_lines.position(edit.span.start)[0] - 1, _stop(old_lines, edit.span.end, len(old)),
            new_lines.position(place.start)[0] - 1, _stop(new_lines, place.end, len(new)),
        ]  # fmt: skip
        if rows and (touched[0] < rows[-1][1] or touched[2] < rows[-1][3]):
            rows[-1][1], rows[-1][3] = max(rows[-1][1], touched[1]), max(rows[-1][3], touched[3])
        else:
            rows.append(touched)
    regions: list[tuple[int, int, int, int]] = []
    for region in (trimmed for row in rows for trimmed in _trimmed(row, old, new)):
        if regions and regions[-1][1] == region[0]:  # neighbours are one change to the reader
            regions[-1] = (regions[-1][0], region[1], regions[-1][2], region[3])
        else:
            regions.append(region)
    return regions


def _stop(lines: Lines, offset: int, count: int) -> int:
    return min(lines.position(offset)[0], count)


def _trimmed(row: list[int], old: list[str], new: list[str]) -> list[tuple[int, int, int, int]]:
    """A region without the lines at its ends that are the same on both sides."""
    old_start, old_stop, new_start, new_stop = row
    while old_start < old_stop and new_start < new_stop and old[old_start] == new[new_start]:
        old_start, new_start = old_start + 1, new_start + 1
    while old_start < old_stop and new_start < new_stop and old[old_stop - 1] == new[new_stop - 1]:
        old_stop, new_stop = old_stop - 1, new_stop - 1
    return [(old_start, old_stop, new_start, new_stop)] if old_start < old_stop or new_start < new_stop else []
