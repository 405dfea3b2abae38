"""Positions in a text, edits of it, and the unified diff between two texts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a text in code points: `start` is in it, `end` is not."""

    start: int
    end: int

    def holds(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def meets(self, other: Span) -> bool:
        """Whether both share a character, or one lies strictly inside the other."""
        return self.start < other.end and other.start < self.end


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
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        if edit.span.start < at:
            raise ValueError(f"two edits overlap at {edit.span.start}")
        pieces += [text[at : edit.span.start], edit.new]
        at = edit.span.end
    return "".join([*pieces, text[at:]])


def moved(edits: Sequence[Edit]) -> tuple[Span, ...]:
    """Where the new text of each edit stands after all are applied, in the order of their places."""
    spans, shift = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        start = edit.span.start + shift
        spans.append(Span(start, start + len(edit.new)))
        shift += len(edit.new) - (edit.span.end - edit.span.start)
    return tuple(spans)


class Lines:
    """Line and column of an offset, and the extent of lines; both count from 1 for people."""

    __slots__ = ("starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0]
        at = text.find("\n")
        while at != -1:
            self.starts.append(at + 1)
            at = text.find("\n", at + 1)

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

    def after(self, offset: int) -> int:
        """Where the next line starts, or the end of the text."""
        line = bisect_right(self.starts, offset)
        return self.starts[line] if line < len(self.starts) else len(self.text)


def line_ending(text: str) -> str:
    """The text's own line ending: CRLF where its first line has it, else LF."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"
