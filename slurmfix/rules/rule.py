"""What a rule is, what it finds, and the few words of the field that rules share."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from slurmfix.rules.acts import Act, Target
from slurmfix.shell import Command, Kind, Script, Word, programs_of
from slurmfix.text import Span


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that conda does in a script."""

    rule: str
    act: Act
    span: Span  # what is shown, and what goes away where the act says so
    says: str
    command: Command
    why: str = ""  # why it is left, and what the person can do
    doubt: str = ""  # what to look at where it goes
    alone: bool = False  # nothing else in the script needs it, and it needs nothing in its place
    indexed: bool = False  # it only needs a package index, and is no matter of ours where the job reaches one


Check = Callable[[Command, tuple[Word, ...], Script], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: `check` looks at one command; `bad` holds scripts it speaks about, `good` such that it leaves alone.

    A command that holds none of `words`, in lower case, neither as written nor without its quotes, need not be looked
    at. `on_request`: an option asks for it; without that nothing is found.
    """

    name: str
    says: str
    check: Check
    words: tuple[str, ...]
    bad: tuple[str, ...]
    good: tuple[str, ...]
    manual: str = ""  # the docstring of the rule's module
    on_request: bool = False


# What runs behind these runs inside a container, which is not ours.
CONTAINER = re.compile(
    rf"(?<![\w.-])(?:{'|'.join(programs_of(Kind.CONTAINER))})[\"')]*\s"
    r"|\s--container-(?:image|name)", re.I
)  # fmt: skip
PROGRAMS = ("conda", "mamba", "micromamba")

# "secondary" holds the letters too.
CONDA = re.compile(r"(?<!se)(?<!Se)(?<!SE)conda|mamba|miniforge", re.I)


def program(word: Word) -> str:
    """conda, mamba or micromamba where the word calls one of them, by name or path; else ""."""
    last = word.literal.rsplit("/", 1)[-1]
    if last in PROGRAMS:
        return last
    if word.source.strip('"') in ("$CONDA_EXE", "${CONDA_EXE}"):
        return "conda"
    return "micromamba" if word.source.strip('"') in ("$MAMBA_EXE", "${MAMBA_EXE}") else ""


class Argument(NamedTuple):
    """An option by its long name, with its value where it takes one; or a plain word, of which the option is ""."""

    option: str
    value: Word | None
    at: int  # which of the words it starts with


# The options of conda's (`-r` is micromamba's) that take a value, by their letters; an option that has none is "".
_LETTERS = {"n": "--name", "p": "--prefix", "c": "--channel", "f": "--file", "r": "--root-prefix"}
_WITH_VALUE = (
    *_LETTERS.values(), "--solver", "--channel-priority", "--repodata-fn", "--subdir", "--platform", "--clone",
)  # fmt: skip


def arguments(words: tuple[Word, ...]) -> Iterator[Argument]:
    """What conda is given, as argparse reads it: `-n x`, `-nx`, `-n=x`, `-yn x`, `--name x`, `--name=x` are the same.

    Letters that take no value are given together, as they are written.
    """
    at = 0
    while at < len(words):
        word = words[at]
        option, value = word.literal, None
        if not option.startswith("-") or option == "-":
            yield Argument("", word, at)
        else:
            cut = 0  # where its value starts in it
            if option.startswith("--"):
                option, equals, _ = option.partition("=")
                cut = len(option) + 1 if equals else 0
            elif takes := re.match(r"-[A-Za-z]*?([npcfr])(=?)", option):
                cut = takes.end() if takes.end() < len(option) or takes[2] else 0
                option = _LETTERS[takes[1]]
            start = at
            if cut:
                value = word.tail(cut)
            elif option in _WITH_VALUE and at + 1 < len(words):
                at += 1
                value = words[at]
            yield Argument(option, value, start)
        at += 1


def told(words: Sequence[Word], with_value: Container[str]) -> Iterator[Argument]:
    """What another program is told: an option of `with_value` takes the word behind it, or what stands behind its `=`;
    behind `--` there are plain words alone.
    """
    at, plain = 0, False
    while at < len(words):
        start, word = at, words[at]
        at += 1
        name, equals, _ = word.literal.partition("=")
        if plain or not name.startswith("-"):
            yield Argument("", word, start)
        elif name == "--":
            plain = True
        elif equals:
            yield Argument(name, word.tail(len(name) + 1), start)
        else:
            takes = name in with_value and at < len(words)
            yield Argument(name, words[at] if takes else None, start)
            at += takes


def options(words: Sequence[Word], with_value: Container[str]) -> tuple[list[Argument], int]:
    """What a program is told in front of its first plain word, and which word that is."""
    found: list[Argument] = []
    for each in told(words, with_value):
        if not each.option:
            return found, each.at
        found.append(each)
    return found, len(words)


def subcommand(words: tuple[Word, ...]) -> tuple[str, tuple[Word, ...]]:
    """`conda [-v] activate x` → "activate", (x): what is asked of conda, and the words after it."""
    for argument in arguments(words[1:]):
        if argument.value is not None and not argument.option:
            return argument.value.literal, words[argument.at + 2 :]
    return "", ()


def target_of(word: Word) -> Target:
    """The environment that a word names."""
    value = word.value
    if value is None:
        return Target("word", word.source, word)
    if value in ("base", "root"):
        return Target("base", value, word)
    return Target("path" if "/" in value or value.startswith("~") else "name", value, word)


def base_target() -> Target:
    return Target("base", "base")


_OWN_FOLDER = re.compile(r"\$\((?:conda|mamba) info --base\)")


def is_plain(source: str) -> bool:
    """Whether a word, or a piece of one, means between double quotes what it means as it is written."""
    single = len(source) > 1 and source[0] == source[-1] == "'"
    inner = source[1:-1] if single else _OWN_FOLDER.sub("", source)
    return not re.search(r"['\"\\`$]" if single else r"['\\`]|\$\(", inner)
