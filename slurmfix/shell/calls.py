"""Which program a command calls, and through what: one table says what each program does with its words."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from slurmfix.shell.command import Command, Word
from slurmfix.shell.constants import elements_of, value_of
from slurmfix.shell.nested import read
from slurmfix.shell.script import Script
from slurmfix.shell.words import TEXT, assignment
from slurmfix.vocabulary import PROGRAMS, Kind, kind_of, programs_of, row_of

_SPACES = re.compile(r"\s")
_EXPANDS = re.compile(r"[$`]")
_PIECE = re.compile(r"(?:\$\([^()]*\)|\$\{[^{}]*\}|`[^`]*`|\S)+")  # a word; blanks in an expansion part none
_ENDS_AN_OPTION = ("+", ";", r"\;", "';'", '";"')  # what ends a command behind one of find's
_IDLE = programs_of(Kind.IDLE, Kind.ASKS, Kind.TELLS) | {"command", "env"}  # these without a program
_NOT_TOLD = "$_"  # a word of a text in whose place only the running job knows what stands
_COMMAND_TEXT = re.compile(r"-[a-z]*c")


class How(Enum):
    """How a command says what runs."""

    PLAIN = "plain"  # a program by its name
    FILE = "file"  # a file by its path
    TEXT = "text"  # a text for a shell
    CONTAINER = "container"
    ASKS = "asks"  # it only asks for a program
    UNKNOWN = "unknown"  # a variable whose value the script does not tell


class Through(NamedTuple):
    """What stands in front of the program: a launcher or a wrapper, with its own options."""

    name: str
    kind: Kind
    options: tuple[str, ...]


class Call(NamedTuple):
    """What a command calls. `program` is the word that names it, None where no word alone does; `name` its last part;
    `text` is for How.TEXT what the shell is given.
    """

    command: Command
    program: Word | None
    name: str
    through: tuple[Through, ...]
    how: How
    text: str = ""

    @property
    def behind(self) -> tuple[Word, ...]:
        """The words behind the program that is called."""
        start = self.program.span.end if self.program is not None else self.command.span.end
        return tuple(word for word in self.command.words if word.span.start >= start)

    def step(self) -> Through | None:
        """The launcher that starts it as tasks."""
        return next((each for each in self.through if each.kind is Kind.STEP), None)


def call_of(script: Script, command: Command) -> Call:
    """What a command calls, behind what starts it; constants are followed."""
    key = (call_of, command.span, command.source)
    if key not in script.followed:
        script.followed[key] = _call(command, list(_words(script, command)))
    found: Call = script.followed[key]
    return found


def call_behind(script: Script, command: Command, at: int) -> Call:
    """What the words of a command call that stand at a place of the file, or behind it."""
    return _call(command, [each for each in _words(script, command) if each[0].span.start >= at])


def commands_in_options(command: Command) -> Iterator[tuple[Word, ...]]:
    """The words of each command that one starts which stands behind an option: `find . -exec python {} +`."""
    row = row_of(command.name) if command.name else None
    starts = [at for at, word in enumerate(command.words) if word.literal in row.behind] if row is not None else []
    for at in starts:
        yield tuple(takewhile(lambda word: word.source not in _ENDS_AN_OPTION, command.words[at + 1 :]))


def is_idle(script: Script, command: Command) -> bool:
    """Whether a command only sets, asks or tells something: no program of an environment runs in it."""
    return not command.name or call_of(script, command).name in _IDLE


def calls_of(script: Script, commands: Iterable[Command] | None = None) -> Iterator[Call]:
    """All calls of a script, or of some of its commands, those of texts that it hands to a shell among them."""
    for command in script.commands if commands is None else commands:
        call = call_of(script, command)
        yield call
        if call.how is How.TEXT and call.text != script.text and not reads_words_of(script, command):
            yield from calls_in(call.text)


def reads_words_of(script: Script, command: Command) -> bool:
    """Whether a text that a command carries in its words is read with the script: `bash -c 'python a.py'`."""
    if reads_words_of not in script.followed:
        script.followed[reads_words_of] = sorted(span.start for span, source in script.sources if source.layers)
    starts = script.followed[reads_words_of]
    at = bisect_left(starts, command.whole.start)
    return bool(at < len(starts) and starts[at] < command.whole.end)


def is_torn(script: Script) -> bool:
    """Whether there is something in a script that is neither read nor set apart: behind it nothing is sure."""
    return len(script.torn) > len(script.apart)


@lru_cache(maxsize=64)
def calls_in(text: str) -> tuple[Call, ...]:
    """The calls of a text that a shell is given, as a script of its own: its places are those of the text."""
    return tuple(calls_of(read(text)))


_Words = Sequence[tuple[Word, str | None]]


def _words(script: Script, command: Command) -> Iterator[tuple[Word, str | None]]:
    """The words with what each comes to, None where the script does not tell: a constant may be several words."""
    for word in command.words:
        told = word.value
        if told is None and not all(part.kind == TEXT for part in word.parts):
            if elements := elements_of(script, word):
                yield from ((word, element) for element in elements)
                continue
            value = value_of(script, word, command)
            told = value.text if value.known else None
            if word.source[:1] in ("'", '"'):
                told = _filled_in(value.text) if told is None and value.text != word.literal else told
            elif not any(map(str.isspace, word.source)) and (told is not None or value.text != word.source):
                yield from ((word, None if _EXPANDS.search(piece) else piece) for piece in _PIECE.findall(value.text))
                continue
        yield word, told


def _filled_in(text: str) -> str | None:
    """A text for a shell whose program is known, though a value in it is not; None for anything else."""
    first = text.split(maxsplit=1)
    return text if len(first) > 1 and not _EXPANDS.search(first[0]) else None


def _call(command: Command, words: _Words) -> Call:
    through: list[Through] = []
    at = 0
    while at < len(words):
        word, text = words[at]
        if text is None:
            return Call(command, word, "", tuple(through), How.UNKNOWN)
        base = text.rsplit("/", 1)[-1]
        kind = kind_of(base)
        if _SPACES.search(text):
            return Call(command, word, "", tuple(through), How.TEXT, text)
        if kind is Kind.CONTAINER:
            return Call(command, word, base, tuple(through), How.CONTAINER)
        if kind is Kind.SHELL:
            return _of_shell(command, words, at, through)
        if kind is Kind.EVALUATES:
            told = " ".join(_NOT_TOLD if piece is None else piece for _, piece in words[at + 1 :])
            return Call(command, word, base, tuple(through), How.TEXT, told)
        if kind not in (Kind.STEP, Kind.WRAPPER, Kind.REMOTE):
            how = How.ASKS if kind is Kind.ASKS else How.FILE if "/" in text else How.PLAIN
            return Call(command, word, base, tuple(through), how)
        own = _own(words, at, base)
        if base == "command" and {"-v", "-V"} & set(own):
            return Call(command, word, base, tuple(through), How.ASKS)
        through.append(Through(base, kind, own))
        at += 1 + len(own)
    name = through[-1].name if through else ""
    return Call(command, words[0][0] if words else None, name, tuple(through[:-1]), How.PLAIN)


def _own(words: _Words, at: int, name: str) -> tuple[str, ...]:
    """The words behind a launcher's name that are its own: options and their values, assignments, operands."""
    row = row_of(name) or PROGRAMS["mpirun"]
    own: list[str] = []
    left, operands = 0, row.operands
    for word, text in words[at + 1 :]:
        told = text if text is not None else word.literal
        if left:
            left = 0 if "=" in told else left - 1  # `-genv NAME=VALUE`, which has a form of two words, too
        elif told == "--":
            return (*own, told)
        elif told.startswith("-") and len(told) > 1:
            left = row.takes.get(told, 0)
        elif name in ("env", "sudo") and assignment(told):
            pass
        elif operands:
            operands -= 1
        else:
            break
        own.append(told)
    return tuple(own)


def _of_shell(command: Command, words: _Words, at: int, through: list[Through]) -> Call:
    """What a shell is given: a text behind `-c`, a file, or its input."""
    word, name = words[at][0], (words[at][1] or "").rsplit("/", 1)[-1]
    rest = list(words[at + 1 :])
    while rest:
        given, text = rest.pop(0)
        if text is None:
            return Call(command, given, "", tuple(through), How.UNKNOWN)
        if _COMMAND_TEXT.fullmatch(text):
            given, text = rest[0] if rest else (given, "")
            how = How.UNKNOWN if text is None else How.TEXT
            return Call(command, given, name, tuple(through), how, text or given.literal)
        if not text.startswith(("-", "+")):
            return Call(command, given, text.rsplit("/", 1)[-1], tuple(through), How.FILE)
    return Call(command, word, name, tuple(through), How.PLAIN)
