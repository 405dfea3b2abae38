"""The text that a shell reads at some depth of quoting, and where each of its characters stands in the file."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from slurmfix.text import Span

# How the text of an inner script is quoted by the place that it stands in.
VERBATIM = "verbatim"  # a heredoc whose delimiter is quoted
HEREDOC = "heredoc"  # a heredoc whose delimiter is not: $, ` and \ are the outer shell's
SINGLE = "single"  # '…'
DOUBLE = "double"  # "…"

_ESCAPED = {HEREDOC: "$`\\", DOUBLE: '$`\\"'}
_new = tuple.__new__
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")

# Text between these two is already in the quoting of the file: a piece of the author's own, kept as it is written.
KEEP, KEPT = "\ue000", "\ue001"


@dataclass(frozen=True, slots=True)
class Source:
    """A script's text without its quoting and carriage returns; `origin` maps its offsets to those of the file.

    `origin` is a constant shift, or one file offset a character and a last one for the end.
    """

    text: str
    origin: int | tuple[int, ...] = 0
    layers: tuple[str, ...] = ()  # outermost first
    ends: tuple[int, ...] = ()  # the place behind each character, where that is not always the next one

    def __reduce__(self) -> tuple[type[Source], tuple[str, int, tuple[str, ...]]]:
        """Another process gets no text: who has a plan has edits, and looks at no word again."""
        return Source, ("", 0, self.layers)

    def at(self, offset: int) -> int:
        return offset + self.origin if isinstance(self.origin, int) else self.origin[offset]

    def offset(self, at: int) -> int:
        """Where the character is in this text that stands at a place of the file, or the next one that is in it."""
        return at - self.origin if isinstance(self.origin, int) else bisect_left(self.origin, at)

    def _behind(self, offset: int) -> int:
        return self.ends[offset] if offset < len(self.ends) else self.at(offset) + 1

    def span(self, start: int, end: int) -> Span:
        origin = self.origin
        if origin == 0:  # as `Span(start, end)`, at half the cost: there are more of these than of anything else
            return _new(Span, (start, end if end > start else start))
        if isinstance(origin, int):
            return Span(start + origin, (end if end > start else start) + origin)
        if end <= start:
            return Span(self.at(start), self.at(start))
        return Span(self.at(start), self._behind(end - 1))

    def part(self, start: int, end: int) -> Source:
        """A stretch of this one, which stands in the same quoting."""
        text = self.text[start:end]
        if isinstance(self.origin, int):
            return Source(text, start + self.origin, self.layers)
        return Source(text, self.origin[start : end + 1], self.layers, self.ends[start:end])

    def inner(self, start: int, end: int, layer: str) -> Source:
        """The script that stands quoted in `start` to `end` of this one, without that quoting."""
        text = self.text[start:end]
        layers = (*self.layers, layer)
        escapes = _ESCAPED.get(layer, "")
        if not escapes or "\\" not in text:
            return replace(self.part(start, end), layers=layers)
        kept: list[str] = []
        places: list[int] = []
        ends: list[int] = []

        def keep(first: int, last: int) -> None:
            kept.append(text[first:last])
            first, last = first + start, last + start
            if isinstance(self.origin, int):
                added: Sequence[int] = range(first + self.origin, last + self.origin)
            else:
                added = self.origin[first:last]
            places.extend(added)
            ends.extend(self.ends[first:last] if self.ends else (place + 1 for place in added))

        at = 0
        while (slash := text.find("\\", at)) != -1:
            keep(at, slash)
            following = text[slash + 1 : slash + 2]
            at = slash + 2
            if following and following in escapes:
                keep(slash + 1, at)
                places[-1] = self.at(slash + start)  # the backslash is part of how the character is written
            elif following != "\n":
                keep(slash, min(at, len(text)))
        keep(at, len(text))
        return Source("".join(kept), (*places, self.at(end)), layers, tuple(ends))


def source_of(text: str) -> Source:
    """The outermost source: the file's text; of CRLF line ends only the LF is read, as after `dos2unix`."""
    if "\r\n" not in text:
        return Source(text)
    places: list[int] = []
    at = 0
    while (end := text.find("\r\n", at)) != -1:
        places.extend(range(at, end))
        at = end + 1
    return Source(text.replace("\r\n", "\n"), (*places, *range(at, len(text) + 1)))


def ascii_of(text: str) -> str:
    """The text with every other character as `,`, so that bytes and characters count the same.

    `,` is no letter of a name and no operator, as these characters are to bash; a byte order mark becomes a space.
    """
    if text.isascii():
        return text
    return _NOT_ASCII.sub(",", " " + text[1:] if text[0] == "\ufeff" else text)


def quoted(new: str, layers: tuple[str, ...]) -> str:
    """New script text in the quoting of its place; what stands between KEEP and KEPT is in that quoting already."""
    if KEEP in new:
        pieces = re.split(f"{KEEP}(.*?){KEPT}", new, flags=re.DOTALL)
        return "".join(piece if at % 2 else quoted(piece, layers) for at, piece in enumerate(pieces))
    for layer in reversed(layers):
        if layer == SINGLE:
            new = new.replace("'", "'\\''")
        elif layer in _ESCAPED:
            new = re.sub(f"[{re.escape(_ESCAPED[layer])}]", lambda match: "\\" + match[0], new)
    return new
