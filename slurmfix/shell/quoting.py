"""Where a script's heredocs, single quotes and comments lie, told letter by letter as bash reads them.

The grammar of the parser ends a heredoc's delimiter in other places than bash, and what follows it on its line is lost
to it; so the bodies are found here, and the parser gets a text without them (`without_heredocs`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple


class Opened(NamedTuple):
    """A heredoc of one text: `start` of its `<<` and `end` of the delimiter behind that, its body, and whether the
    shell expands the body. `closed`: a line with the delimiter ends the body; else it goes on to the end of the text.
    """

    start: int
    end: int
    delimiter: str
    expanded: bool
    body: tuple[int, int]
    below: int  # where the line behind the delimiter starts
    closed: bool


class Quoting(NamedTuple):
    """What is quoted in a text: its heredocs in the order of their openers, the stretches in single quotes, without
    the quotes, and each `${…}` that stands in no other, with its braces.
    """

    heredocs: tuple[Opened, ...]
    single: tuple[tuple[int, int], ...]
    braced: tuple[tuple[int, int], ...]


_CODE = re.compile(
    r"""\\.|(?P<ansi>\$'(?:[^'\\]|\\.)*'?)|(?P<single>'[^']*'?)|(?P<double>\$?")|(?P<tick>`)
    |\$?\(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\)|\$\[[^]\n]*\]|(?<=\w)\[[^]\s]*\]?
    |(?P<substitution>\$\()|(?P<braced>\$\{)|(?P<open>[<>]?\()|(?P<close>\))
    |<<<|(?P<heredoc><<-?)|(?P<newline>\n)|(?P<comment>(?<![^\s;&|()<>`])\#[^\n]*)
    |(?P<case>(?<![\w.-])case\s+(?:"[^"\n]*"|[^\s"]+)\s+in(?=\s))|(?P<esac>(?<![\w.-])esac(?![\w.-]))""",
    re.VERBOSE | re.DOTALL,
)
# Between double quotes, and in `${…}`, only these matter.
_DOUBLE = re.compile(
    r"""\\.|(?P<double>")|(?P<tick>`)|\$\(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\)
    |(?P<substitution>\$\()|(?P<braced>\$\{)""",
    re.VERBOSE | re.DOTALL,
)
_BRACED = re.compile(
    r"""\\.|(?P<ansi>\$'(?:[^'\\]|\\.)*'?)|(?P<single>'[^']*'?)|(?P<double>")|(?P<tick>`)|(?P<substitution>\$\()
    |(?P<braced>\$\{)|(?P<end>\})""",
    re.VERBOSE | re.DOTALL,
)
# (Between double quotes single ones quote where bash reads, and not where it expands: what they hold is run.)
_BRACED_IN_DOUBLE = re.compile(
    r"""\\.|(?P<single>'[^')}\n`]*')|(?P<double>")|(?P<tick>`)|(?P<substitution>\$\()|(?P<braced>\$\{)|(?P<end>\})""",
    re.VERBOSE | re.DOTALL,
)
_BODY = re.compile(
    r"""\\.|(?P<tick>`)|\$\(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\)|(?P<substitution>\$\()|(?P<braced>\$\{)""",
    re.VERBOSE | re.DOTALL,
)
_PATTERN = re.compile(r"!?\w+(?:\[[^]\n]*\])?[#%/^,]")  # between double quotes, too, quotes count in it
_STATES = {
    "code": _CODE,
    "case": _CODE,
    "tick": _CODE,
    "double": _DOUBLE,
    "braced": _BRACED,
    "held": _BRACED_IN_DOUBLE,
    "body": _BODY,
}
_BLANKS = re.compile(r"(?:[ \t]|\\\n)*")
_DELIMITER = re.compile(r"""(?:\\.|'[^']*'|\$?"(?:[^"\\]|\\.)*"|[^\s;&|()<>"'\\])+""", re.DOTALL)
_PIECE = re.compile(r"""\\(?P<slash>.)|'(?P<single>[^']*)'|\$?"(?P<double>(?:[^"\\]|\\.)*)"|(?P<plain>.)""", re.DOTALL)
_LINE = re.compile(r"^\t*([^\n`)]*)", re.MULTILINE)


def scan(text: str, until: int) -> Quoting:
    """What is quoted in a text up to `until`. Time and space are linear in the text."""
    return _Scan(text).run(until)


def substitutions(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The commands in `$(…)` and between backticks that the shell runs in the body of a heredoc."""
    return _Scan(text).substitutions(start, end)


class _Scan:
    """The state of one pass over a text: what is open, and the heredocs whose bodies start behind the next newline."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.open = ["code"]
        self.waiting: list[tuple[int, int, int, str, bool]] = []  # depth, start and end of the opener, …
        self.heredocs: list[Opened] = []
        self.single: list[tuple[int, int]] = []
        self.braced: list[tuple[int, int]] = []
        self.around: tuple[int, int] | None = None  # where the outermost `${` that is open starts, and how deep
        self.lines: dict[str, list[int]] = {}

    def run(self, until: int) -> Quoting:
        at = 0
        while 0 <= at < until or (at >= 0 and self.waiting):
            at = self._step(at, len(self.text))
        end = len(self.text)
        self.heredocs += [Opened(*each[1:], (end, end), end, False) for each in self.waiting]
        return Quoting(tuple(sorted(self.heredocs)), tuple(self.single), tuple(self.braced))

    def substitutions(self, at: int, end: int) -> Iterator[tuple[int, int]]:
        """What the shell runs in the body of a heredoc, without the letters around it."""
        self.open = ["body"]
        start = -1
        while (at := self._step(at, end)) >= 0:
            if start < 0 and self.open[1:] in (["code"], ["tick"]):
                start = at
            elif start >= 0 and len(self.open) == 1:
                yield start, at - 1
            if len(self.open) == 1:
                start = -1

    def _step(self, at: int, end: int) -> int:
        """Go on behind the next letter that matters; -1 where there is none."""
        match = _STATES[self.open[-1]].search(self.text, at, end)
        if match is None:
            return -1
        kind = match.lastgroup
        if kind == "newline":
            return self._bodies(match.end())
        if kind == "heredoc":
            return self._opener(match)
        if kind in ("single", "ansi"):
            start = self.text.index("'", match.start()) + 1
            self.single.append((start, max(start, match.end() - 1)))
        elif kind is not None:
            self._turn(kind, match)
            if self.around is not None and len(self.open) <= self.around[1]:
                self.braced.append((self.around[0], match.end()))
                self.around = None
        return match.end()

    def _turn(self, kind: str, match: re.Match[str]) -> None:
        """Open or close what a letter opens or closes."""
        state = self.open[-1]
        if kind in ("substitution", "open"):
            self.open.append("code")
        elif kind == "case":
            self.open.append("case")
        elif kind == "braced":
            if self.around is None:
                self.around = match.start(), len(self.open)
            held = state in ("double", "held", "body") and not _PATTERN.match(self.text, match.end())
            self.open.append("held" if held else "braced")
        elif kind == "tick":
            if "tick" in self.open:
                del self.open[len(self.open) - 1 - self.open[::-1].index("tick") :]
            else:
                self.open.append("tick")
        elif kind == "double" and state != "double":
            self.open.append("double")
        elif self._closes(kind, state) and len(self.open) > 1:
            self.open.pop()

    @staticmethod
    def _closes(kind: str, state: str) -> bool:
        """Whether it ends what is open: a `)` ends no `case`, of which it is a pattern's."""
        return (
            kind in ("double", "end") or (kind == "close" and state == "code") or (kind == "esac" and state == "case")
        )

    def _opener(self, match: re.Match[str]) -> int:
        """Note a heredoc; its body is looked for behind the line."""
        blanks = _BLANKS.match(self.text, match.end())
        at = blanks.end() if blanks else match.end()
        word = _DELIMITER.match(self.text, at)
        if word is None:
            self.heredocs.append(Opened(match.start(), match.end(), "", False, (at, at), at, False))
            return match.end()
        pieces = [piece.group(piece.lastgroup or 0) for piece in _PIECE.finditer(word[0])]
        expanded = not any(sign in word[0] for sign in "\"'\\")
        self.waiting.append((len(self.open), match.start(), word.end(), "".join(pieces), expanded))
        return word.end()

    def _bodies(self, at: int) -> int:
        """Take the bodies that start here, and say where the text goes on behind them."""
        due = [each for each in self.waiting if each[0] >= len(self.open)]
        if not due:
            return at
        self.waiting = self.waiting[: len(self.waiting) - len(due)]
        for each in due:
            _, start, end, delimiter, expanded = each
            found = self._ends(at, delimiter, expanded, self.text.startswith("<<-", start))
            stop, below = found or (len(self.text), len(self.text))
            self.heredocs.append(Opened(start, end, delimiter, expanded, (at, stop), below, found is not None))
            at = below
        return at

    def _ends(self, at: int, delimiter: str, expanded: bool, tabs: bool) -> tuple[int, int] | None:
        """Where the line with the delimiter starts, and the next one; None where there is no such line."""
        text, starts = self.text, self._lines().get(delimiter, [])
        for start in islice(starts, bisect_left(starts, at), None):
            # Of an expanded body a backslash at a line's end joins the next one to it.
            above = text[text.rfind("\n", at, start - 1) + 1 : start - 1] if start > at else ""
            if expanded and (len(above) - len(above.rstrip("\\"))) % 2:
                continue
            if text.startswith(delimiter, start) or tabs:
                end = text.index(delimiter, start) + len(delimiter)
                if text[end : end + 1] in ("", "\n") or len(self.open) > 1:  # the end of `…` or $(…) is its end, too
                    return start, end + text.startswith("\n", end)
        return None

    def _lines(self) -> dict[str, list[int]]:
        """Where the lines start that may end a heredoc, by what they hold but for tabs in front."""
        if not self.lines:
            for line in _LINE.finditer(self.text):
                self.lines.setdefault(line[1], []).append(line.start())
        return self.lines


def without_heredocs(text: str, heredocs: tuple[Opened, ...]) -> str:
    """The text with `<____` for each opener, which reads as one redirection, and blanks for each body."""
    pieces: list[str] = []
    done = 0
    stretches = [(each.start, each.end, True) for each in heredocs]
    stretches += [(each.body[0], each.below, False) for each in heredocs]
    for start, end, opener in sorted(stretches):
        pieces.append(text[done:start])
        if opener:
            pieces.append("<" + "_" * (end - start - 1))
        else:
            pieces.append(blanked(text[start:end]))
        done = end
    return "".join([*pieces, text[done:]])


def blanked(text: str) -> str:
    """As many blanks as the text has letters, in as many lines."""
    return "\n".join(" " * len(line) for line in text.split("\n"))
