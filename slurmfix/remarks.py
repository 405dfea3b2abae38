"""What slurmfix says to people, as data: messages in their parts with examples, and the remarks made of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

REFUSAL, DOUBT, NOTE, RUN = "refusal", "doubt", "note", "run"
KINDS = {
    REFUSAL: "the lines stay as they are, and a person has to see to them",
    DOUBT: "the change wants one look, for the reason given",
    NOTE: "good to know; nothing has to be done",
    RUN: "about the run itself, and no line of a script",
}


def job(body: str, *packages: str, command: str = "") -> str:
    """A job script for an example, with the `packages` of its environment `vision` and the `command` that reads it."""
    parts = [f"#!/bin/bash\n#SBATCH --time=1:00\n{body}\n"]
    if packages:
        listed = "".join(f"  - {package}\n" for package in packages)
        parts.append(f"-- environment.yml --\nname: vision\ndependencies:\n{listed}")
    if command:
        parts.append(f"-- command --\n{command}\n")
    return "".join(parts)


PLAIN = job("conda activate vision\npython train.py")  # of which there is little to say


class Phrase(str):
    """Words with names filled in, in English: a reason inside of a sentence, or what a finding does. A report in
    another language asks for the words and the values, which may be phrases themselves.
    """

    __slots__ = ("values", "words")
    words: str
    values: Mapping[str, str]

    def __new__(cls, words: str, values: Mapping[str, str] = {}) -> Phrase:
        """Raises KeyError where a value is missing."""
        self = str.__new__(cls, words.format_map(values) if values else words)
        self.words, self.values = words, values
        return self

    def __reduce__(self) -> tuple[Any, ...]:  # processes hand each other outcomes
        return Phrase, (self.words, self.values)


def phrase(words: str, **values: object) -> Phrase:
    """The words with the names in braces replaced. The words are a row of the catalogues."""
    return Phrase(words, _kept(values))


def listed(names: Sequence[str], most: int = 4) -> Phrase:
    """The first few of many names."""
    shown = ", ".join(names[:most])
    more = len(names) - most
    return phrase("{names} and {count} more", names=shown, count=more) if more > 0 else Phrase(shown)


def joined(parts: Sequence[str], between: str = "; ") -> Phrase:
    """Parts in a row, each in its own words."""
    return Phrase(
        between.join(f"{{n{at}}}" for at in range(len(parts))), {f"n{at}": part for at, part in enumerate(parts)}
    )


def apart(said: str) -> tuple[str, ...]:
    """What `joined` put in a row; anything else is one part."""
    if isinstance(said, Phrase) and said.values and said == "; ".join(said.values.values()):
        return tuple(said.values.values())
    return (said,)


def both(parts: Sequence[str]) -> str:
    """Two parts as one, or the only one."""
    return (
        phrase("{first} and {second}", first=parts[0], second=parts[1]) if len(parts) > 1 else parts[0] if parts else ""
    )


def _kept(values: Mapping[str, object]) -> dict[str, str]:
    """Values as text; what another language may say in its own words stays what it is."""
    return {key: value if isinstance(value, Phrase | Remark) else str(value) for key, value in values.items()}


class Parts(NamedTuple):
    """A sentence in its parts: `subject: reason; action.` The action is "" where there is nothing to do."""

    subject: str
    reason: str
    action: str

    def __str__(self) -> str:
        told = f"{self.subject}: {self.reason}"
        return f"{told}; {self.action}" if self.action else told


class Message(NamedTuple):
    """One thing that slurmfix says. It stands as a constant beside the check that says it, and `messages` finds it.

    `subject` names a thing of the script, `reason` says what changes, `action` what to do, as an imperative; names in
    braces are filled in. `bad` is a job script of which it is said and `good` one that is as near as can be and of
    which it is not. Lines `-- FILE --` in them start the files beside the job, and `-- command --` the command, as in
    the golden cases. `page` is what `--explain` says besides.
    """

    id: str
    kind: str
    subject: str
    reason: str
    action: str = ""
    bad: str = ""
    good: str = ""
    page: str = ""

    def about(self, line: int = 0, column: int = 0, environment: str = "", **values: object) -> Remark:
        """This message about one place; where `line` is 0, the place is that of the finding it belongs to."""
        return Remark(self, line, column, environment, _kept(values))

    @property
    def parts(self) -> Parts:
        return Parts(self.subject, self.reason, self.action)


class Remark(str):
    """A message about one place of a script. It is its own sentence in English, so that all that takes text takes it;
    a report that wants the parts, or another language, asks for them. Lines and columns count from 1; 0 is unknown.
    """

    __slots__ = ("column", "environment", "line", "message", "values")
    message: Message
    line: int
    column: int
    environment: str
    values: Mapping[str, str]

    def __new__(
        cls, message: Message, line: int = 0, column: int = 0, environment: str = "", values: Mapping[str, str] = {}
    ) -> Remark:
        """Raises KeyError where a value is missing."""
        self = str.__new__(cls, str(filled(message.parts, line, environment, values)))
        self.message, self.line, self.column, self.environment, self.values = message, line, column, environment, values
        return self

    def __reduce__(self) -> tuple[Any, ...]:  # processes hand each other outcomes
        return Remark, (self.message, self.line, self.column, self.environment, self.values)

    @property
    def without_action(self) -> Remark:
        """What it is about and why, as a reason inside of another sentence."""
        return Remark(self.message._replace(action=""), self.line, self.column, self.environment, self.values)

    @property
    def id(self) -> str:
        return self.message.id

    @property
    def kind(self) -> str:
        return self.message.kind

    @property
    def parts(self) -> Parts:
        return filled(self.message.parts, self.line, self.environment, self.values)


def filled(parts: Parts, line: int, environment: str, values: Mapping[str, str]) -> Parts:
    """The parts with the names in braces replaced; `{line}` and `{environment}` are those of the remark."""
    known = {"line": str(line), "environment": environment, **values}
    return Parts(*(part.format_map(known) for part in parts))


def messages() -> tuple[Message, ...]:
    """All that slurmfix says, by id: the constants of every module, each of which is loaded for it."""
    found = {message.id: message for message in _constants()}
    return tuple(found[name] for name in sorted(found))


def _constants() -> Iterator[Message]:
    from importlib import import_module
    from pkgutil import walk_packages

    package = import_module(__package__)
    names = [entry.name for entry in walk_packages(package.__path__, f"{__package__}.")]
    for name in names:
        if name.endswith(".__main__"):
            continue
        for value in vars(import_module(name)).values():
            held = tuple(value.values()) if type(value) is dict else value
            for each in held if type(held) is tuple else (held,):
                if isinstance(each, Message):
                    yield each


def files_told_of(said: Iterable[str]) -> tuple[str, ...]:
    """The files of which remarks tell that they use conda, each as `/name`: with what its path ends."""
    values = (each.values for each in said if isinstance(each, Remark))
    return tuple(f"/{os.path.normpath(each['file']).lstrip('/')}" for each in values if "file" in each)
