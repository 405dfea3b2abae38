"""The statements that bash reads and the reader does not, set apart, so that what stands behind them is read."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

from slurmfix.ledger import trace_pattern
from slurmfix.shell import Script, is_torn, read
from slurmfix.text import Span

_Syntax = Callable[[str, bool], str | None]

# How often bash is asked about one script, which takes two milliseconds each time, and how much it may read for that.
_MOST_ASKED = 600
_MOST_READ = 20_000_000  # letters
_MOST_APART = 100  # statements
_MARGIN = ("", " ", "\t", "\n", ")", "}", "#")  # how no statement starts at the top of a script


def read_for_sure(text: str, syntax: _Syntax) -> Script:
    """The script, with as much of it read as can be.

    Where the reader stumbles over a statement, that ends nevertheless where bash, asked by `syntax`, reads the lines
    above as a whole. Such lines are set apart, but for those that speak of conda: these have to be read, or what
    stands behind them is left.
    """
    script = read(text)
    if not script.unread or "\r" in text or syntax(text, False) != "":
        return script
    bounds = _Bounds(text, syntax)
    apart: list[Span] = []
    while is_torn(script):
        lines = _stumbled_over(text, apart, bounds)
        if lines is None or len(apart) == _MOST_APART or trace_pattern().search(text, *lines):
            return read(text)
        apart.append(lines)
        script = read(text, tuple(apart))
    return script


def _stumbled_over(text: str, apart: list[Span], bounds: _Bounds) -> Span | None:
    """The first statement that is not read and not set apart yet; None where nobody knows.

    An error may be noticed above or below it: but what stands above it reads well, and with it, it does not.
    """
    good, step = bounds.at_or_behind(apart[-1].end if apart else 0), 1
    bad = len(text)
    while good is not None and good < bad:
        tried = bounds.at_or_behind(good + 1, step)
        if tried is None or tried >= bad:
            if step == 1:
                return Span(good, bad)
            step = 1
        elif is_torn(read(text[:tried], tuple(apart))):
            bad, step = tried, max(step // 4, 1)
        else:
            good, step = tried, step * 2
    return None


class _Bounds:
    """The lines of a script that are at its top, as far as they are asked for."""

    def __init__(self, text: str, syntax: _Syntax) -> None:
        self._text, self._syntax = text, syntax
        self._left = min(_MOST_ASKED, _MOST_READ // len(text))
        starts = (at + 1 for at, letter in enumerate(text) if letter == "\n")
        self._starts = [0, *(at for at in starts if text[at : at + 1] not in _MARGIN), len(text)]
        self._is_top = {0: True, len(text): True}

    def at_or_behind(self, place: int, step: int = 1) -> int | None:
        """The first such line from a place on, or rather from so many lines further on; None where there is none."""
        for start in self._starts[bisect_left(self._starts, place) + step - 1 :]:
            if self._at_the_top(start):
                return start
        return None

    def _at_the_top(self, start: int) -> bool:
        """Whether bash reads what stands in front of a line as a whole: it takes no `)` there, as a heredoc would."""
        if start not in self._is_top:
            above = self._text[:start]
            if not self._left or above.endswith("\\\n"):  # the line is joined to the one above
                return False
            self._left -= 1
            self._is_top[start] = self._syntax(above, False) == "" and bool(self._syntax(f"{above})\n", False))
        return self._is_top[start]
