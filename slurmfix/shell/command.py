"""Commands as read: their words, what they assign, and what they stand in."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from slurmfix.shell.source import Source
from slurmfix.shell.words import TEXT, Part, assignment, parts_of, word_spans
from slurmfix.text import Span

# What a command can stand in. A checked command's status is the author's to handle: a condition, `!`, or the left side
# of `&&` and `||`; a chained one is on their right side only.
CHECKED, CHAINED = "checked", "chained"
BRANCH, LOOP, FUNCTION, SUBSHELL, GROUP = "branch", "loop", "function", "subshell", "group"
# A statement of several commands of which the standard output, but no complaint, goes to a file.
REDIRECTED = "redirected"
PIPELINE, BACKGROUND, SUBSTITUTION, SCRIPT = "pipeline", "background", "substitution", "script"


class Place(NamedTuple):
    """Something that a command stands in, as a stretch of the file.

    `note` is a function's name; for a branch or a substitution where its whole statement stands (`12:80`); for a
    pipeline `last` or ``; for an inner script how it is run: `bash`, `srun`, `sbatch`, `ssh`, `eval`, `trap`, `file`
    (written to be run later), `container`.
    """

    kind: str
    span: Span
    note: str = ""

    @property
    def statement(self) -> Span:
        """The whole statement that a branch, or a substitution, is part of."""
        return Span(*map(int, self.note.split(":")))


class Runs(str, Enum):
    """What runs the text of an inner script, or of a heredoc."""

    NOTHING = ""
    BASH = "bash"  # a shell that the script starts
    STEP = "srun"  # a shell of a job step
    JOB = "sbatch"  # a job of its own
    FILE = "file"  # it is written to a file, to be run later
    REMOTE = "ssh"  # a shell on another machine
    CONTAINER = "container"
    EVAL = "eval"
    TRAP = "trap"
    OTHER = "other"  # Python, R, parallel


class _Word(NamedTuple):
    source: str
    parts: tuple[Part, ...]
    span: Span
    text: Source
    start: int  # where `source` starts in `text`


class Word(_Word):
    """A word of a command: as written, its pieces, and where it stands in the file."""

    __slots__ = ()

    def part(self, start: int, end: int) -> Span:
        """Where a stretch of `source` stands in the file."""
        return self.text.span(self.start + start, self.start + end)

    def tail(self, cut: int) -> Word:
        """The word without its first letters, in the quotes that it may stand in as a whole."""
        quote = self.source[:1] if self.source[:1] in ("'", '"') and self.source[-1:] == self.source[:1] else ""
        at = cut + len(quote)
        source = quote + self.source[at:]
        return Word(source, parts_of(source), self.part(at, len(self.source)), self.text, self.start + cut)

    @property
    def value(self) -> str | None:
        """What the shell makes of the word, where no expansion takes part."""
        if all(part.kind == TEXT for part in self.parts):
            return "".join(part.text for part in self.parts)
        return None

    @property
    def literal(self) -> str:
        """The literal pieces, each expansion as it is written: to look for, not to rely on."""
        parts = self.parts
        if len(parts) == 1:
            kind, text, source, _ = parts[0]
            return text if kind == TEXT else source
        return "".join([part.text if part.kind == TEXT else part.source for part in parts])


class Assignment(NamedTuple):
    """`NAME=value`, `NAME+=value` or `NAME[…]=value`."""

    name: str
    operator: str
    word: Word  # the value
    span: Span


class Command:
    """One simple command, declaration or assignment. What its words say is found out when it is first asked for.

    `source` is its text without redirections, in the quoting of its own script; `span` is where that stands in the
    file, `whole` with its redirections; `within` the places that it stands in, the outermost first. `broken`: it stands
    in or after a region that could not be read. `start` is where `source` starts in `text`. `split` finds out the
    pieces. Nothing changes one that was made. (No dataclass: a script has thousands, and these are small.)
    """

    __slots__ = (
        "_split", "assignments", "broken", "name", "pieces", "redirects", "source", "span", "start", "text", "whole",
        "within", "words",
    )  # fmt: skip

    # What is found out when it is first asked for.
    pieces: tuple[tuple[int, int], ...]
    """The words as tree-sitter sees them, from the start of `source`."""
    words: tuple[Word, ...]
    """The words without the assignments in front; those of a declaration (`export A=1`) are among them."""
    assignments: tuple[Assignment, ...]
    """Those in front of the command, those that it declares, or those that it is."""
    name: str
    """The first word as written, without quotes; empty for an assignment."""

    def __init__(
        self,
        source: str,
        span: Span,
        whole: Span,
        within: tuple[Place, ...],
        redirects: tuple[str, ...],
        broken: bool,
        text: Source,
        start: int,
        split: Callable[[], tuple[tuple[int, int], ...]],
    ) -> None:
        self.source = source
        self.span = span
        self.whole = whole
        self.within = within
        self.redirects = redirects
        self.broken = broken
        self.text = text
        self.start = start
        self._split = split

    def __repr__(self) -> str:
        return f"Command({self.source!r}, {self.span})"

    def __reduce__(self) -> tuple[type[Command], tuple[Any, ...]]:
        """What another process gets, which asks for no more than where it stands."""
        return Command, ("", self.span, self.whole, (), (), self.broken, _NOWHERE, 0, tuple)

    def moved(self, span: Span, within: tuple[Place, ...] | None = None) -> Command:
        """The command as if it took up `span`, which holds it, and stood in `within`."""
        places = self.within if within is None else within
        return Command(self.source, span, span, places, self.redirects, self.broken, self.text, self.start, self._split)

    def torn(self) -> Command:
        """The command as one that cannot be read for sure."""
        return Command(
            self.source, self.span, self.whole, self.within, self.redirects, True, self.text, self.start, self._split
        )

    @property
    def layers(self) -> tuple[str, ...]:
        return self.text.layers

    if not TYPE_CHECKING:

        def __getattr__(self, attribute: str) -> Any:
            """The first time: the slot is empty."""
            find = _FINDERS.get(attribute)
            if find is None:
                raise AttributeError(attribute)
            found = find(self)
            setattr(self, attribute, found)
            return found

    @property
    def confirmed(self) -> bool | None:
        """Whether bashlex sees the same words; None where it cannot read the command."""
        spans = word_spans(self.source)
        if spans is None:
            return None
        told = tuple((start, end - 2 if self.source[start:end].endswith("\\\n") else end) for start, end in spans)
        return told == self.pieces

    def word(self, start: int, end: int) -> Word:
        """The word in a stretch of `source`."""
        source = self.source[start:end]
        at = self.start + start
        return Word(source, parts_of(source), self.text.span(at, self.start + end), self.text, at)


_NOWHERE = Source("")


def _words_of(command: Command) -> tuple[Word, ...]:
    words = [command.word(start, end) for start, end in command.pieces]
    while words and assignment(words[0].source):
        del words[0]
    return tuple(words)


def _assignments_of(command: Command) -> tuple[Assignment, ...]:
    if not _ASSIGNS.match(command.source):
        return ()
    found = []
    words = [command.word(start, end) for start, end in command.pieces]
    declares = bool(words) and words[0].source in DECLARING
    for word in words:
        match = assignment(word.source)
        if match:
            source = word.source[match.end() :]
            span = word.part(match.end(), len(word.source))
            value = Word(source, parts_of(source), span, word.text, word.start + match.end())
            found.append(Assignment(match[1], match[3], value, word.span))
        elif not declares:
            break
    return tuple(found)


def _name_of(command: Command) -> str:
    if plain := _NAME.match(command.source):
        return plain[0]
    for start, end in command.pieces:
        piece = command.source[start:end]
        if not assignment(piece):
            return piece.strip("\"'").removeprefix("\\")
    return ""


_FINDERS: dict[str, Callable[[Command], Any]] = {
    "pieces": lambda command: command._split(),
    "words": _words_of,
    "assignments": _assignments_of,
    "name": _name_of,
}

# A first word about which there is no second opinion.
_NAME = re.compile(r"[\w./~-]+(?=[ \t]|\Z)", re.ASCII)
DECLARING = ("export", "declare", "typeset", "readonly", "local")
# What holds an assignment starts so (or with a redirection).
_ASSIGNS = re.compile(rf"\s*(?:[A-Za-z_]\w*(?:\[|\+?=)|(?:{'|'.join(DECLARING)})(?:\s|\\|\Z)|[\d<>&])", re.ASCII)
