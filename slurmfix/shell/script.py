"""What reading a script gives: commands, where each stands, and what could not be read."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from slurmfix.shell.source import Source
from slurmfix.shell.words import TEXT, Part, assignment, parts_of, word_spans
from slurmfix.text import Span

# What a command can stand in. A checked command's status is the author's to handle: a condition, `!`, or the left side
# of `&&` and `||`; a chained one is on their right side only.
CHECKED, CHAINED = "checked", "chained"
BRANCH, LOOP, FUNCTION, SUBSHELL, GROUP = "branch", "loop", "function", "subshell", "group"
PIPELINE, BACKGROUND, SUBSTITUTION, SCRIPT = "pipeline", "background", "substitution", "script"


@dataclass(frozen=True, slots=True)
class Place:
    """Something that a command stands in, as a stretch of the file.

    `note` is a function's name; for a branch or a substitution where its whole statement stands (`12:80`); for a
    pipeline `last` or ``; for an inner script how it is run: `bash`, `srun`, `sbatch`, `ssh`, `eval`, `trap`, `file`
    (written to be run later), `container`.
    """

    kind: str
    span: Span
    note: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a command: as written, its pieces, and where it stands in the file."""

    source: str
    parts: tuple[Part, ...]
    span: Span
    text: Source = field(compare=False, repr=False)
    start: int = field(compare=False, repr=False)  # where `source` starts in `text`

    def part(self, start: int, end: int) -> Span:
        """Where a stretch of `source` stands in the file."""
        return self.text.span(self.start + start, self.start + end)

    @property
    def value(self) -> str | None:
        """What the shell makes of the word, where no expansion takes part."""
        if all(part.kind == TEXT for part in self.parts):
            return "".join(part.text for part in self.parts)
        return None

    @property
    def literal(self) -> str:
        """The literal pieces, each expansion as it is written: to look for, not to rely on."""
        if len(self.parts) == 1:
            return self.parts[0].text if self.parts[0].kind == TEXT else self.parts[0].source
        return "".join(part.text if part.kind == TEXT else part.source for part in self.parts)


@dataclass(frozen=True, slots=True)
class Assignment:
    name: str
    operator: str
    word: Word  # the value
    span: Span


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command, declaration or assignment.

    `source` is its text without redirections, in the quoting of its own script; `span` is where that stands in the
    file, `whole` with its redirections. `pieces` are its words as tree-sitter sees them, from the start of `source`.
    """

    source: str
    span: Span
    whole: Span
    within: tuple[Place, ...]
    pieces: tuple[tuple[int, int], ...]
    redirects: tuple[str, ...]
    broken: bool  # stands in or after a region that could not be read
    text: Source = field(compare=False, repr=False)
    start: int = field(compare=False, repr=False)  # where `source` starts in `text`

    @property
    def layers(self) -> tuple[str, ...]:
        return self.text.layers

    def _spans(self) -> tuple[tuple[int, int], ...]:
        if _LIKE_OURS.search(self.source):
            spans = word_spans(self.source)
            if spans is not None:
                return tuple(
                    (start, end - 2 if self.source[start:end].endswith("\\\n") else end) for start, end in spans
                )
        return self.pieces

    @property
    def confirmed(self) -> bool:
        """Whether both parsers see the same words."""
        spans = word_spans(self.source)
        return spans is not None and self._spans() == self.pieces

    def _word(self, start: int, end: int) -> Word:
        source = self.source[start:end]
        at = self.start + start
        return Word(source, parts_of(source), self.text.span(at, self.start + end), self.text, at)

    @property
    def words(self) -> tuple[Word, ...]:
        """The words without the assignments in front; those of a declaration (`export A=1`) are among them."""
        words = [self._word(start, end) for start, end in self._spans()]
        while words and assignment(words[0].source):
            del words[0]
        return tuple(words)

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """Those in front of the command, those that it declares, or those that it is."""
        if not _ASSIGNS.match(self.source):
            return ()
        found = []
        words = [self._word(start, end) for start, end in self._spans()]
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

    @property
    def name(self) -> str:
        """The first word as written, without quotes; empty for an assignment."""
        for start, end in self.pieces:
            piece = self.source[start:end]
            if not assignment(piece):
                return piece.strip("\"'").removeprefix("\\")
        return ""


DECLARING = ("export", "declare", "typeset", "readonly", "local")
# What holds an assignment starts so (or with a redirection).
_ASSIGNS = re.compile(rf"\s*(?:[A-Za-z_]\w*(?:\[|\+?=)|(?:{'|'.join(DECLARING)})(?:\s|\\|\Z)|[\d<>&])", re.ASCII)
# bashlex is asked about these only; a command that cannot be ours costs nothing.
_LIKE_OURS = re.compile(
    r"conda|mamba|miniforge|activate|anaconda|module|\bml\b|source|^\s*\.\s|envs?/|PATH|bashrc|profile|pip|python|snakemake|nextflow",
    re.I,
)


_QUOTING = re.compile(r"""["'\\#]|[^\x00-\x7f]|[\x0b\x0c\x1c-\x1f]""")


@dataclass(frozen=True, slots=True)
class Directive:
    """An effective `#SBATCH` line: one that sbatch obeys."""

    arguments: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
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
    followed: dict[object, Any] = field(default_factory=dict, init=False, compare=False, repr=False)  # see constants.py

    @property
    def shebang(self) -> str:
        first = self.text.split("\n", 1)[0].lstrip("\ufeff").rstrip("\r")
        return first[2:].strip() if first.startswith("#!") else ""

    def option(self, *names: str) -> str | None:
        """The value of the last effective `#SBATCH` option of these names: `--nodes`, `-N`; "" where it has none."""
        return options_of(self.directives)(*names)


def options_of(directives: tuple[Directive, ...]) -> Callable[..., str | None]:
    """A look-up of the options in directives: the last one wins, as in sbatch."""

    def option(*names: str) -> str | None:
        found = None
        for directive in directives:
            arguments = directive.arguments
            for at, argument in enumerate(arguments):
                name, equals, value = argument.partition("=")
                following = arguments[at + 1] if at + 1 < len(arguments) else ""
                following = "" if following.startswith("-") else following
                if argument.startswith("--") and name in names:
                    found = value if equals else following
                elif argument[:1] == "-" and argument[1:2] != "-" and argument[:2] in names:
                    found = argument[2:].lstrip("=") or following
        return found

    return option


def directives_of(text: str) -> tuple[tuple[Directive, ...], int]:
    """The directives that sbatch obeys, and where the header that holds them ends.

    sbatch reads them from lines that start with `#SBATCH`, until the first line that is neither empty nor a comment.
    To it only a newline ends a line, and only ASCII blanks are blanks.
    """
    found, at, end = [], 0, 0
    while at < len(text):
        line, number = text[at : text.find("\n", at) + 1 or len(text)], at
        stripped = line.strip(" \t\n\r\v\f")
        if stripped and not stripped.startswith("#"):
            break
        if number == 0 and line.startswith("#!"):
            end = len(line)
        elif line.startswith("#SBATCH"):
            found.append(Directive(_arguments(line[7:]), Span(at, at + len(line.rstrip("\r\n")))))
            end = at + len(line)
        at += len(line)
    return tuple(found), end


def _arguments(line: str) -> tuple[str, ...]:
    if not _QUOTING.search(line):
        return tuple(line.split())
    try:
        return tuple(shlex.split(line, comments=True))
    except ValueError:  # an open quote: sbatch's matter
        return tuple(line.split())
