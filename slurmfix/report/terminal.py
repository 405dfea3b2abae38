"""The diff and the remarks as a person reads them in a terminal: colours over the same text, links, wrapped lines."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cache
from urllib.parse import quote

from slurmfix.report.text import Row
from slurmfix.screen import Screen

_RESET = "\x1b[m"
_BOLD, _DIM, _RED, _GREEN, _YELLOW, _CYAN, _MAGENTA = ("1", "2", "31", "32", "33", "36", "35")
_STANDS_OUT, _NO_MORE = "\x1b[7m", "\x1b[27m"
_HEADER = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\udc80-\udcff]")
_STARTS = re.compile(r"[\x1b\x80-\x9f]")
_WORDS = re.compile(r"\w+|\s+|.", re.S)
_MOST_COMPARED = 60  # lines of one change; beyond, who changed into what tells nobody anything
_KIN = {"left": _RED, "look": _YELLOW, "error": _RED, "note": _CYAN, "done": _GREEN, "next": _BOLD}


def terminal_text(text: str, shown: Screen) -> str:
    """Text that moves no cursor and turns no direction, where a terminal shows it.

    Coloured text that goes elsewhere is on its way to a terminal, too, through `less -R`: it starts no sequence of its
    own, and holds its other bytes as they are.
    """
    if not shown.terminal:
        return _STARTS.sub(lambda match: _visible(ord(match[0])), text) if shown.color else text
    text = text.replace("\r\n", "\n")
    return _CONTROL.sub(lambda match: _visible(ord(match[0])), text)


def _visible(code: int) -> str:
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def colored_diff(diff: str, shown: Screen) -> str:
    """A unified diff in colours; without them it is the same text."""
    text = terminal_text(diff, shown)
    if not shown.color:
        return text
    return "".join(f"{line}\n" if ended else line for line, ended in _colored(text))


def _colored(text: str) -> Iterator[tuple[str, bool]]:
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
        ends = [True] * len(lines)
    else:
        ends = [True] * (len(lines) - 1) + [False]
    at = 0
    while at < len(lines):
        header = _HEADER.match(lines[at])
        if header is None:
            yield _paint(lines[at], _BOLD if lines[at].startswith(("--- ", "+++ ")) else ""), ends[at]
            at += 1
            continue
        yield _hunk_header(lines[at], header.end()), ends[at]
        at += 1
        stop = _end_of_hunk(lines, at, int(header[1] or 1), int(header[2] or 1))
        for number, line in enumerate(_colored_hunk(lines[at:stop]), at):
            yield line, ends[number]
        at = stop


def _end_of_hunk(lines: list[str], at: int, old: int, new: int) -> int:
    while at < len(lines) and (old or new or lines[at].startswith("\\")):
        sign = lines[at][:1]
        old -= sign in (" ", "-")
        new -= sign in (" ", "+")
        at += 1
    return at


def _hunk_header(line: str, end: int) -> str:
    note = line[end:]
    color = _YELLOW if note.endswith("[review]") else _GREEN
    return _paint(line[:end], _CYAN) + _paint(note, color)


def _colored_hunk(lines: list[str]) -> list[str]:
    out: list[str] = []
    at = 0
    while at < len(lines):
        if lines[at][:1] not in ("-", "+"):
            out.append(_paint(lines[at], _DIM if lines[at].startswith("\\") else ""))
            at += 1
            continue
        stop = at
        while stop < len(lines) and lines[stop][:1] in ("-", "+", "\\"):
            stop += 1
        out += _colored_change(lines[at:stop])
        at = stop
    return out


def _colored_change(lines: list[str]) -> list[str]:
    """Removed and added lines; between two that are alike, the words that differ stand out."""
    bodies = {at: line[1:] for at, line in enumerate(lines)}
    for old, new in _pairs(lines):
        bodies[old], bodies[new] = _words(lines[old][1:], lines[new][1:])
    colors = {"-": _RED, "+": _GREEN, "\\": _DIM}
    return [_paint(line[:1] + bodies[at], colors[line[:1]]) for at, line in enumerate(lines)]


def _pairs(lines: list[str]) -> Iterator[tuple[int, int]]:
    old = [at for at, line in enumerate(lines) if line.startswith("-")]
    new = [at for at, line in enumerate(lines) if line.startswith("+")]
    if len(lines) > _MOST_COMPARED:
        return
    for one in old:
        rated = [(_alike(lines[one][1:], lines[other][1:]), other) for other in new]
        best, other = max(rated, default=(0.0, -1), key=lambda row: row[0])
        if best > 0.55:
            yield one, other
            new = [at for at in new if at > other]


def _alike(one: str, other: str) -> float:
    """How much of the letters both share; of a line that only grew, how much of the shorter one."""
    old, new = _WORDS.findall(one.strip()), _WORDS.findall(other.strip())
    matches = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    shared = sum(len(word) for match in matches for word in old[match.a : match.a + match.size] if word.strip())
    sizes = sorted(len("".join(words).replace(" ", "")) for words in (old, new))
    return max(shared / max(sizes[1], 1), shared / max(sizes[0], 1) - 0.3)


def _words(old: str, new: str) -> tuple[str, str]:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    left: list[str] = []
    right: list[str] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for pieces, words in ((left, before[a:b]), (right, after[c:d])):
            text = "".join(words)
            pieces.append(f"{_STANDS_OUT}{text}{_NO_MORE}" if kind != "equal" and text else text)
    return "".join(left), "".join(right)


def _paint(text: str, color: str) -> str:
    return f"\x1b[{color}m{text}{_RESET}" if color and text else text


def remark_line(remark: Row, shown: Screen) -> str:
    """`path:line: what: words`, wrapped to the width of a terminal."""
    where, kind = remark.where, remark.kind
    said = remark.text
    if shown.width > 40:
        said = _wrapped(f"{where}: {said}" if where else said, shown.width)[len(f"{where}: ") if where else 0 :]
    if shown.color and kind != "next":
        head, colon, rest = said.partition(": ")
        said = f"{_paint(head, _KIN.get(kind, ''))}{colon}{rest}" if colon else _paint(said, _KIN.get(kind, ""))
    if not where:
        return said
    place = _paint(where, _BOLD) if shown.color else where
    return f"{linked(place, remark.path) if shown.links else place}: {said}"


def excerpt(row: Row, text: str, shown: Screen) -> str:
    """The line that a row is about, with a mark below where it starts, where a terminal has room for both."""
    line, column = row.place
    lines = text.split("\n")
    if not text or not line or line > len(lines) or row.kind not in ("left", "look") or shown.width < 40:
        return ""
    number, margin = str(line), " " * len(str(line))
    source = terminal_text(lines[line - 1].rstrip("\r"), shown).expandtabs(1)
    room = shown.width - len(number) - 5
    start = min(max(column, 1) - 1, len(source))
    if start < room // 2:
        cut = source[:room]
    else:
        cut, start = source[start - 5 : start - 5 + room], 5
    length = max(len(cut[start:].split(" #")[0].rstrip()), 1)
    marks = _paint("^" * length, _KIN.get(row.kind, "") if shown.color else "")
    bar = _paint("|", _CYAN if shown.color else "")
    return f"  {number} {bar} {cut}\n  {margin} {bar} {' ' * start}{marks}\n"


def _wrapped(text: str, width: int) -> str:
    """Lines of at most `width` columns where words allow it, the later ones moved in."""
    lines, line = [], ""
    for word in text.split(" "):
        if line.strip() and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = "    " + word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])


def linked(shown: str, path: str) -> str:
    """An OSC 8 link to a file on this machine."""
    if not path or path == "-":
        return shown
    address = f"file://{_host()}{quote(os.fsencode(os.path.abspath(path)))}"
    return f"\x1b]8;;{address}\x1b\\{shown}\x1b]8;;\x1b\\"


@cache
def _host() -> str:
    return quote(socket.gethostname())
