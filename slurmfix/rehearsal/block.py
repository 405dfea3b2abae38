"""What a rewritten job does to make each of its environments, read from the job's own text."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from itertools import pairwise

from slurmfix.rehearsal.own_code import is_own_code
from slurmfix.shell import PARAMETER, TEXT, Command, Script, Word

# What the rehearsal sets itself, so that the job's own lines work in it.
_KNOWN = ("SLURM_TMPDIR", "SLURM_SUBMIT_DIR", "SLURM_JOB_ID", "TMPDIR", "HOME")
_ACTIVATE = "/bin/activate"
_MEANS_MORE = re.compile(r'[\\"$`]')  # between double quotes
_SUBMIT = re.compile(r"\A\$\{?SLURM_SUBMIT_DIR\}?/")
# A folder that goes with the job, or with the home folder that the rehearsal sets.
_OF_THE_JOB = re.compile(r"\$\{?(?:SLURM_TMPDIR|TMPDIR|HOME)\b")
_TAKE_A_PATH = ("-r", "--requirement", "-c", "--constraint", "-f", "--find-links")
# Options by which pip writes outside of the environment.
_ELSEWHERE = re.compile(r"-t\b|--(?:target|prefix|root|src)\b")


@dataclass(frozen=True, slots=True)
class Block:
    """How a job makes and uses one environment.

    `modules`, `make` and `installs` are its own commands, quoted anew; `folder` is the virtualenv that `make` makes.
    `requirements` are the files that pip reads, as seen from the folder of submission. `commands` are those that run
    in the environment. `skipped` are commands that are not rehearsed: they hold more than plain words, or would run
    the author's own code.
    """

    name: str
    modules: tuple[str, ...]
    make: str
    folder: str
    installs: tuple[str, ...]
    requirements: tuple[str, ...]
    commands: tuple[Command, ...]
    skipped: tuple[str, ...] = ()


def blocks(script: Script) -> tuple[Block, ...]:
    """The environments that a rewritten job makes, in the order in which it makes them, each once."""
    made: dict[str, Command] = {}
    for command in script.commands:
        if folder := _folder_made(command):
            made.setdefault(folder, command)
    return tuple(_block(script, folder, command, len(made) == 1) for folder, command in made.items())


def _folder_made(command: Command) -> str:
    """The folder of the virtualenv that a command makes; "" where it makes none."""
    words = command.words
    literals = [word.literal for word in words]
    name = literals[0].rpartition("/")[2] if literals else ""
    makes = name == "virtualenv" or (name.startswith("python") and literals[1:3] == ["-m", "venv"])
    return literals[-1] if makes and len(words) > 1 and not literals[-1].startswith("-") else ""


def _block(script: Script, folder: str, make: Command, alone: bool) -> Block:
    modules: list[str] = []
    skipped: list[str] = []
    for command in script.commands:
        if command.span.start < make.span.start and command.name in ("module", "ml"):
            _take(command, modules, skipped)
    installs: list[str] = []
    requirements: list[str] = []
    for command in _installs(script, folder, make):
        listed = _listed(command)
        if _is_plain(command, listed):
            _take(command, installs, skipped)
            requirements += listed
        else:
            skipped.append(command.source)
    written = _written(make) if _OF_THE_JOB.match(folder) and ".." not in folder else None
    return Block(
        folder.rstrip("/").rpartition("/")[2],
        tuple(modules),
        written or "",
        (_word(make.words[-1]) or "") if written else "",
        tuple(installs),
        tuple(requirements),
        script.commands if alone else tuple(_inside(script, folder)),
        tuple(skipped) if written else (*skipped, make.source),
    )


def _take(command: Command, plain: list[str], skipped: list[str]) -> None:
    written = _written(command)
    if written is None:
        skipped.append(command.source)
    else:
        plain.append(written)


def _written(command: Command) -> str | None:
    """A command of plain words, quoted anew; None where a word of it holds an expansion that is not known here."""
    words = [_word(word) for word in command.words]
    return None if None in words else " ".join(filter(None, words))


def _word(word: Word) -> str | None:
    if word.value is not None:
        return shlex.quote(word.value)
    if any(p.kind != TEXT and (p.kind != PARAMETER or p.text not in _KNOWN) for p in word.parts):
        return None
    pieces = [_MEANS_MORE.sub(r"\\\g<0>", p.text) if p.kind == TEXT else f"${p.text}" for p in word.parts]
    return f'"{"".join(pieces)}"'


def _installs(script: Script, folder: str, make: Command) -> list[Command]:
    """The calls of pip that fill the environment: those behind its making, up to the first other kind of command."""
    found = []
    for command in script.commands:
        if command.span.start <= make.span.start:
            continue
        literals = [word.literal for word in command.words]
        own = command.name in ("pip", "pip3") or (bool(literals) and literals[0].startswith(f"{folder}/bin/pip"))
        if own and "install" in literals[1:2]:
            found.append(command)
        elif command.name and command.name not in ("source", ".", "exit", "echo", "[", "test", "true", "return"):
            break
    return found


def _listed(command: Command) -> list[str]:
    """The requirements files that a call of pip names, as seen from the folder of submission."""
    literals = [word.literal for word in command.words]
    return [_SUBMIT.sub("", following) for word, following in pairwise(literals) if word in ("-r", "--requirement")]


def _is_plain(command: Command, listed: list[str]) -> bool:
    """Whether a call of pip installs packages by name or from a list, and neither builds nor fills another folder."""
    words = [word.literal for word in command.words[2:]]
    behind = pairwise(["", *words])
    names = [word for before, word in behind if before not in _TAKE_A_PATH and _SUBMIT.sub("", word) not in listed]
    return not any(is_own_code(word) or _ELSEWHERE.match(word) for word in names)


def _inside(script: Script, folder: str) -> list[Command]:
    """The commands of a script with several environments that run in this one."""
    found, active = [], ""
    for command in script.commands:
        literals = [word.literal for word in command.words]
        if command.name in ("source", ".") and len(literals) > 1 and literals[1].endswith(_ACTIVATE):
            active = literals[1].removesuffix(_ACTIVATE)
        elif command.name == "deactivate":
            active = ""
        elif active == folder or f"{folder}/" in command.source:
            found.append(command)
    return found
