"""What reading a script gives: its commands, heredocs and regions, and what could not be read."""

from __future__ import annotations

import re
import shlex
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache
from itertools import zip_longest
from typing import Any, NamedTuple

from slurmfix.shell.command import Command, Place, Runs
from slurmfix.shell.quoting import scan
from slurmfix.shell.source import Source, ascii_of
from slurmfix.text import Span


class Heredoc(NamedTuple):
    """A heredoc: `opener` from its `<<` to the delimiter, the lines of its `body`, and where the line behind its end
    starts. `owner` is the command, or the statement of several, whose input it is; `expanded` whether the shell looks
    at `$`, backticks and backslashes in it; `is_read` whether its commands are among the script's.
    """

    opener: Span
    owner: Span
    body: Span
    end: int
    delimiter: str
    expanded: bool
    runs: Runs
    is_read: bool


class Region(Enum):
    """What a stretch of a script's text is to the shell."""

    CODE = "code"
    COMMENT = "comment"
    SINGLE_QUOTED = "single-quoted"
    HEREDOC = "heredoc"  # text that no shell reads as commands
    CONTAINER = "container"
    UNREAD = "unread"  # it could not be read, or stands behind what could not


_QUOTING = re.compile(r"""["'\\]|[^\x00-\x7f]|[\x0b\x0c\x1c-\x1f]""")


class Directive(NamedTuple):
    """An effective `#SBATCH` line: one that sbatch obeys."""

    line: str
    span: Span

    @property
    def arguments(self) -> tuple[str, ...]:
        return _arguments(self.line[len("#SBATCH") :])


@dataclass(frozen=True)
class Script:
    """A job script as read: commands in the order of the file, those of inner scripts among them."""

    text: str
    commands: tuple[Command, ...]
    directives: tuple[Directive, ...]
    comments: tuple[Span, ...]
    unread: tuple[Span, ...]
    functions: tuple[tuple[str, Span], ...]
    containers: tuple[Span, ...] = ()  # inner scripts that run inside a container, which are not ours
    header_end: int = 0  # where the first command may come: after the shebang and the last effective directive
    contained: frozenset[str] = frozenset()  # the words that stand for a container: see container.py
    heredocs: tuple[Heredoc, ...] = ()  # in the order of their openers
    sources: tuple[tuple[Span, Source], ...] = ()  # its own text and that of each inner script, and where they stand
    torn: tuple[Span, ...] = ()  # from what could not be read to the end of what it stands in
    apart: tuple[Span, ...] = ()  # whole statements at its top that could not be read, without harm to what follows
    followed: dict[object, Any] = field(default_factory=dict, init=False, compare=False, repr=False)  # see constants.py

    @property
    def shebang(self) -> str:
        first = self.text.split("\n", 1)[0].lstrip("\ufeff").rstrip("\r")
        return first[2:].strip() if first.startswith("#!") else ""

    def region(self, at: int) -> Region:
        """What the shell takes the letter at this place for."""
        if any(span.start <= at < span.end for span in self.comments):
            return Region.COMMENT
        if any(span.start <= at < span.end for span in self.containers):
            return Region.CONTAINER
        if any(span.start <= at < span.end for span in self.torn):
            return Region.UNREAD
        if any(each.body.start <= at < each.body.end and not each.is_read for each in self.heredocs):
            return Region.HEREDOC
        _, stretches = next(each for each in self._single if each[0].start <= at < each[0].end)
        quoted = any(span.start <= at < span.end for span in stretches)
        return Region.SINGLE_QUOTED if quoted else Region.CODE

    def expands(self, at: int) -> bool:
        """Whether a shell of the script expands a `$` that stands here: in its code, or in a heredoc's text."""
        region = self.region(at)
        if region is Region.HEREDOC:
            bodies = [each for each in self.heredocs if each.body.start <= at < each.body.end]
            return bodies[-1].expanded and not self._is_escaped(at)
        return region is Region.CODE and not self._is_escaped(at)

    def _is_escaped(self, at: int) -> bool:
        """Whether the backslashes in front of a letter take away what it means to the shell that reads it."""
        source = self._source(at)
        before = source.text[: source.offset(at)]
        return (len(before) - len(before.rstrip("\\"))) % 2 == 1

    def opens_before(self, at: int) -> bool:
        """Whether a heredoc is opened in front of a place, on its line: what is written there must not hold a newline,
        for the body starts behind the first.
        """
        return any(each.opener.end <= at < each.body.start for each in self.heredocs)

    def layers(self, at: int) -> tuple[str, ...]:
        """How the text is quoted that a place stands in, from the outermost inwards; () for the script's own."""
        return self._source(at).layers

    def _source(self, at: int) -> Source:
        return next(source for span, source in self._innermost if span.start <= at < span.end)

    @cached_property
    def heredocs_of(self) -> Mapping[Span, Sequence[Heredoc]]:
        """The heredocs of each command that has some, by its span."""
        found: dict[Span, list[Heredoc]] = defaultdict(list)
        for heredoc in self.heredocs:
            found[heredoc.owner].append(heredoc)
        return found

    @cached_property
    def _innermost(self) -> list[tuple[Span, Source]]:
        """The texts of the script and of its inner ones, the innermost first."""
        return sorted(self.sources, key=lambda each: -len(each[1].layers))

    @cached_property
    def _single(self) -> list[tuple[Span, list[Span]]]:
        """What stands in single quotes, by where the text stands whose quotes these are, the innermost first."""
        found = []
        for span, source in self._innermost:
            stretches = scan(ascii_of(source.text), len(source.text)).single
            found.append((span, [source.span(start, end) for start, end in stretches]))
        return found

    @cached_property
    def blocks(self) -> Block:
        """The commands as the tree that they stand in."""
        return block_of(self.commands)

    @cached_property
    def _lowered(self) -> str:
        return lowered(self.text)

    @cached_property
    def _has_inner(self) -> bool:
        return any(command.text.layers for command in self.commands)

    def holding(self, *words: str) -> Iterator[Command]:
        """The commands whose text may hold one of these words, which are in lower case, in whatever case."""
        places = places_of(words, self._lowered)
        if not places and not self._has_inner:
            return
        at, count = 0, len(places)
        for command in self.commands:
            start, end = command.span
            while at < count and places[at] < start:
                at += 1
            # In an inner script the file may write a word in another way: `con\\da`.
            if (at < count and places[at] < end) or command.text.layers:
                yield command

    def option(self, *names: str) -> str | None:
        """The value of the last effective `#SBATCH` option of these names: `--nodes`, `-N`; "" where it has none."""
        return options_of(each.arguments for each in self.directives)(*names)


def lowered(text: str) -> str:
    """The text in lower case, each character in its place."""
    return ascii_of(text).lower()


def places_of(words: tuple[str, ...], low: str) -> list[int]:
    """Where these words start in a text in lower case. Many times as fast as a regular expression."""
    found = []
    for word in words:
        at = low.find(word)
        while at != -1:
            found.append(at)
            at = low.find(word, at + 1)
    found.sort()
    return found


def holds_one(places: list[int], start: int, end: int) -> bool:
    """Whether one of the places, which are sorted, lies between the two."""
    at = bisect_left(places, start)
    return at < len(places) and places[at] < end


def options_of(lines: Iterable[tuple[str, ...]]) -> Callable[..., str | None]:
    """A look-up of sbatch's options in the arguments of some lines: the last one wins, as in sbatch."""
    given: dict[str, tuple[int, str]] = {}
    order = 0
    for arguments in lines:
        for argument, following in zip_longest(arguments, arguments[1:], fillvalue=""):
            if not argument.startswith("-"):
                continue
            following = "" if following.startswith("-") else following
            name, equals, value = argument.partition("=")
            if not argument.startswith("--"):
                name, value = argument[:2], argument[2:].lstrip("=") or following
            elif not equals:
                value = following
            given[name] = (order := order + 1, value)

    def option(*names: str) -> str | None:
        return max((given[name] for name in names if name in given), default=(0, None))[1]

    return option


class Block(NamedTuple):
    """What stands in one place, in the order of the file; `place` is None for the script itself."""

    place: Place | None
    parts: tuple[Block | Command, ...]


def block_of(commands: Iterable[Command]) -> Block:
    """The tree of some commands, told from what each stands in."""
    open_: list[tuple[Place | None, list[Block | Command]]] = [(None, [])]
    for command in commands:
        shared = 0
        while shared < min(len(command.within), len(open_) - 1) and command.within[shared] == open_[shared + 1][0]:
            shared += 1
        _close(open_, shared + 1)
        open_ += [(place, []) for place in command.within[shared:]]
        open_[-1][1].append(command)
    _close(open_, 1)
    return Block(None, tuple(open_[0][1]))


def _close(open_: list[tuple[Place | None, list[Block | Command]]], depth: int) -> None:
    while len(open_) > depth:
        place, parts = open_.pop()
        open_[-1][1].append(Block(place, tuple(parts)))


_HEADER = re.compile(r"(?:[ \t\r\v\f]*(?:#[^\n]*)?(?:\n|\Z))*")
_DIRECTIVE = re.compile(r"^#SBATCH[^\n]*", re.M)


def directives_of(text: str) -> tuple[tuple[Directive, ...], int]:
    """The directives that sbatch obeys, and where the header that holds them ends.

    sbatch reads them from lines that start with `#SBATCH`, until the first line that is neither empty nor a comment.
    To it only a newline ends a line, and only ASCII blanks are blanks.
    """
    header = _HEADER.match(text)
    stop = header.end() if header else 0
    end = text.find("\n") + 1 or len(text) if text.startswith("#!") else 0
    found = []
    for match in _DIRECTIVE.finditer(text, 0, stop):
        plain = match[0].rstrip("\r")
        found.append(Directive(plain, Span(match.start(), match.start() + len(plain))))
        end = min(match.end() + 1, len(text))
    return tuple(found), end


@lru_cache(maxsize=256)
def _arguments(line: str) -> tuple[str, ...]:
    if not _QUOTING.search(line):
        return tuple(line.partition("#")[0].split())
    try:
        return tuple(shlex.split(line, comments=True))
    except ValueError:  # an open quote: sbatch's matter
        return tuple(line.split())
