"""What the terminal can do, the pager and the progress bar; the only door to a terminal."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, NamedTuple, TypeVar

from slurmfix import programs

_T = TypeVar("_T")
_WORTH_A_BAR = 40  # files
_BEFORE_A_BAR = 0.3  # seconds: what is done sooner needs none


class Screen(NamedTuple):
    """How a stream is written to: with colours, with links, and whether a person looks at it; `width` in columns."""

    terminal: bool = False
    color: bool = False
    links: bool = False
    width: int = 0


def screen(stream: IO[str], choice: str, environ: Mapping[str, str] = os.environ) -> Screen:
    """`choice` is auto, always or never."""
    terminal = _is_terminal(stream)
    color = wants_color(choice, terminal, environ)
    width = _size(stream).columns if terminal else 0
    return Screen(terminal, color, terminal and color and has_links(environ), width)


def wants_color(choice: str, terminal: bool, environ: Mapping[str, str]) -> bool:
    """The option wins, then NO_COLOR (no-color.org), FORCE_COLOR, and CLICOLOR (bixense.com/clicolors)."""
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    forced = environ.get("FORCE_COLOR")
    if forced:
        return forced.lower() not in ("0", "false")
    if environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return terminal and environ.get("CLICOLOR") != "0" and environ.get("TERM", "dumb") != "dumb"


def has_links(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is one that is known to take OSC 8; it does not tell when asked."""
    forced = environ.get("FORCE_HYPERLINK")
    if forced is not None:
        return forced not in ("", "0")
    if environ.get("TERM", "").startswith(("screen", "tmux", "linux", "dumb")):
        return False
    if environ.get("TERM_PROGRAM") in ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby"):
        return True
    if environ.get("TERM") in ("xterm-kitty", "xterm-ghostty", "foot", "alacritty", "contour"):
        return True
    if any(name in environ for name in ("WT_SESSION", "KONSOLE_VERSION", "DOMTERM", "KITTY_WINDOW_ID")):
        return True
    vte = environ.get("VTE_VERSION", "")
    return vte.isdigit() and int(vte) >= 5000


def show(data: bytes, shown: Screen) -> None:
    """Write to standard output; through a pager where a person would else see only the end of it."""
    command = _pager(os.environ) if shown.terminal and _is_long(data, _size(sys.stdout)) else []
    if not command or not _paged(command, data):
        left = memoryview(data)
        while left:  # where PYTHONUNBUFFERED is set, it may take a part only
            written = sys.stdout.buffer.write(left)
            if written is None:
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            left = left[written:]
        sys.stdout.buffer.flush()


def _pager(environ: Mapping[str, str]) -> list[str]:
    if environ.get("TERM", "dumb") == "dumb" or not _is_terminal(sys.stdin):
        return []
    import shlex  # 4 ms, which a run without a terminal need not pay

    named = environ.get("SLURMFIX_PAGER", environ.get("PAGER"))
    try:
        words = shlex.split("less" if named is None else named)
    except ValueError:
        return []
    if not words or words == ["cat"]:
        return []
    found = programs.located(words[0])
    return [found, *words[1:]] if found else []


def _paged(command: list[str], data: bytes) -> bool:
    """Whether the pager could be started. Where LESS says nothing, less is told what git tells it."""
    import subprocess

    environ = dict(os.environ)
    environ.setdefault("LESS", "FRX")
    environ.setdefault("LV", "-c")
    try:
        pager = subprocess.Popen(command, stdin=subprocess.PIPE, env=environ)
    except OSError:
        return False
    try:
        pager.communicate(data)
    except KeyboardInterrupt:  # is meant for the pager, which knows what to do with it
        pager.wait()
    return True


def _is_long(data: bytes, size: os.terminal_size) -> bool:
    if data.count(b"\n") >= size.lines:
        return True
    return sum(1 + len(line) // max(size.columns, 1) for line in data.split(b"\n")) > size.lines + 1


def progress(work: Iterable[_T], count: int, shown: Screen) -> Iterator[_T]:
    """The work, with a bar on standard error while it goes on; nothing of it is left afterwards."""
    if not shown.terminal or count < _WORTH_A_BAR or os.environ.get("TERM", "dumb") == "dumb":
        yield from work
        return
    began = last = time.monotonic()
    drawn = False
    try:
        for number, entry in enumerate(work, 1):
            now = time.monotonic()
            if now - began > _BEFORE_A_BAR and now - last > 0.05:
                sys.stderr.write("\r" + _bar(number, count, _size(sys.stderr).columns))
                sys.stderr.flush()
                drawn, last = True, now
            yield entry
    finally:
        if drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _bar(done: int, count: int, width: int) -> str:
    said = f" {done} of {count} files"
    room = min(40, width - len(said) - 2)
    if room < 5:
        return said[1 : max(width, 1)]
    filled = room * done // count
    full, empty = ("━", "╌") if _speaks_unicode() else ("#", "-")
    return full * filled + empty * (room - filled) + said


def _speaks_unicode() -> bool:
    return (sys.stderr.encoding or "").lower().replace("-", "") == "utf8"


def _is_terminal(stream: IO[str]) -> bool:
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False


def _size(stream: IO[str]) -> os.terminal_size:
    """As the terminal says, unless COLUMNS and LINES do."""
    try:
        size = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError, AttributeError):
        size = os.terminal_size((80, 24))
    columns, lines = os.environ.get("COLUMNS", ""), os.environ.get("LINES", "")
    return os.terminal_size(
        (int(columns) if columns.isdigit() else size.columns or 80, int(lines) if lines.isdigit() else size.lines or 24)
    )
