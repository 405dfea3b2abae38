"""What a found command does to the job: the plan decides by this alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NoReturn

from slurmfix.shell import Word
from slurmfix.text import Span


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a command says of how its environment is described: the first of the `files` that is there does so, of which
    it takes the `parts` (an environment of pixi's, groups and extras of uv's); `packages`, and what the `lists` hold,
    come on top.
    """

    files: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()

    def __add__(self, other: Manifest) -> Manifest:
        mine = self.files, self.parts, self.packages, self.lists
        pairs = zip(mine, (other.files, other.parts, other.packages, other.lists), strict=True)
        return Manifest(*(tuple(dict.fromkeys((*one, *more))) for one, more in pairs))


@dataclass(frozen=True, slots=True)
class Target:
    """The environment that a command names: by `name`, by `path`, `base`, or by a `word` that the plan must resolve."""

    kind: str  # "name", "path", "base", "word"
    text: str  # the name or path; for a word its source
    word: Word | None = None
    manifest: Manifest | None = None  # where the command also tells what describes it


@dataclass(frozen=True, slots=True)
class Enter:
    """The environment `target` is active from here on. `rest` is what is left of the command without conda."""

    target: Target
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Leave:
    """The environment is active no more."""


@dataclass(frozen=True, slots=True)
class Provide:
    """Makes conda available; nothing to do without conda.

    `base`: conda's own Python, or that of `target`, is the job's from here on. `rest` is what is left of the command
    without conda.
    """

    base: bool = False
    target: Target | None = None
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One command runs in `target`; the finding's span is what stands in front of that command, and `front` what
    calls Python there, where that calls no program by itself.
    """

    target: Target
    front: str = ""


@dataclass(frozen=True, slots=True)
class Program:
    """A program is called by its path inside `target`, which is the finding's span; `path` is its place there."""

    target: Target
    path: str


@dataclass(frozen=True, slots=True)
class Start:
    """Tasks of a step start a file of its own, which enters `target`; nothing of the command changes."""

    target: Target


@dataclass(frozen=True, slots=True)
class Replace:
    """`new` says the same without conda."""

    new: str


@dataclass(frozen=True, slots=True)
class Value:
    """One of conda's variables is read; `new` holds the same where a virtualenv is active."""

    new: str


@dataclass(frozen=True, slots=True)
class Pip:
    """pip installs in the job; `new` is written there so that it does without the internet and the home folder.

    `files` are the lists that it installs, `lists` where they stand if it installs packages beside them.
    """

    new: str
    files: tuple[str, ...] = ()
    lists: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Install:
    """conda puts packages, and those that the `files` list, into an environment; None is the one that is active.

    `creates`: it makes the environment, and nothing else is in it.
    """

    target: Target | None
    packages: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    creates: bool = False


@dataclass(frozen=True, slots=True)
class Drop:
    """Only tells about conda or sets it up; nothing to do without conda. `rest` is what is left of the command."""

    rest: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Asks whether conda is there."""


class Left(Enum):
    """What a finding is for that is left for a person."""

    NEEDS_CONDA = "calls conda, and goes on to do so"
    ANSWER = "gives a value, and goes with what reads that"
    PIP = "pip installs from an address"
    OTHER = "anything else"


@dataclass(frozen=True, slots=True)
class Report:
    """No rewrite is known: left for a person."""

    left: Left = Left.OTHER
    target: Target | None = None


Act = Enter | Leave | Provide | Run | Program | Start | Replace | Value | Pip | Install | Drop | Ask | Report

USES = (Enter, Run, Program, Start)  # what needs an environment
WHOLE = (Enter, Leave, Provide, Install, Drop, Report)  # what takes a command as a whole


def named_by(act: Act) -> Target | None:
    """The environment that an act names, where it names one."""
    match act:
        case Enter() | Provide() | Run() | Program() | Start() | Install() | Report():
            return act.target
    return None


def rest_of(act: Act) -> str:
    """What is left of a command without conda's part of it; "" where nothing is."""
    return act.rest if isinstance(act, Enter | Provide | Drop) else ""


def by_pip(act: Act) -> bool:
    """Whether it is pip that installs."""
    return isinstance(act, Pip) or act == Report(Left.PIP)


def brings_base(act: Act) -> bool:
    """Whether conda's own Python is found from here on."""
    return isinstance(act, Provide) and act.base


def unknown(act: NoReturn) -> NoReturn:
    """For the end of a `match`: mypy refuses the call where an act is left out."""
    raise AssertionError(f"an act that nobody handles: {act!r}")
