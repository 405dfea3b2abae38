"""What a job does to make each of its environments, read from the job's own text."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from slurmfix.knowledge import rows
from slurmfix.rehearsal.own_code import is_elsewhere, is_own_code
from slurmfix.shell import PARAMETER, SCRIPT, TEXT, Command, Script, Word
from slurmfix.text import Lines

MODULE, PYTHON, INSTALL = "module", "python", "install"  # the kinds of action

# What the rehearsal sets itself, so that the job's own lines work in it.
_KNOWN = ("SLURM_TMPDIR", "SLURM_SUBMIT_DIR", "SLURM_JOB_ID", "TMPDIR", "HOME")
# What commands are, by their words with tabs between them.
_MAKES = re.compile(r"(?:[^\t]*/)?(?:virtualenv|python[^\t/]*\t-m\tvenv)\t(?:.*\t)?([^-\t][^\t]*?)/*")
_LOADS = re.compile(
    r"(module|ml)\t(?!(?:list|avail|spider|show|whatis|help|keyword|display|save)?(?:\t|\Z)).+", re.DOTALL
)
_ENTERS = re.compile(r"(?:source|\.)\t([^\t]+)/bin/activate")
_INSTALLS = re.compile(r"((?:[^\t]*/)?(?:pip[^\t/]*|python[^\t/]*\t-m\tpip))\tinstall(?:\t.*)?", re.DOTALL)
_MEANS_MORE = re.compile(r'[\\"$`]')  # between double quotes
_SUBMIT = re.compile(r"\A(?:\$\{?SLURM_SUBMIT_DIR\}?|\.)/")
# A folder that goes with the job, or with the home folder that the rehearsal sets.
_OF_THE_JOB = re.compile(r"\$\{?(?:SLURM_TMPDIR|TMPDIR|HOME)\b")
_LISTS = ("-r", "--requirement", "-c", "--constraint")
_TAKE_A_PATH = (*_LISTS, "-f", "--find-links")
# A list that is named in the same word: `-rlist.txt`, `--requirement=list.txt`.
_JOINED = re.compile(r"(-[rc]|--(?:requirement|constraint)(?==))=?(.+)")
# Options by which pip writes outside of the environment, or runs what is no wheel.
_ELSEWHERE = re.compile(r"-t\b|--(?:target|prefix|root|src|user|no-binary|python)\b")
# What may decide whether an import or a program is found, beside modules and pip.
_SHAPES = re.compile(
    r"\A(?:source|\.|eval|conda|mamba|micromamba|pixi|spack|easy_install) "
    r"|(?:\A| )(?:pip[\d.]*|setup\.py)(?: -\S+)* (?:un)?install |\b(?:make|npm|cargo|R CMD) install ",
    re.IGNORECASE,
)
_PATHS = re.compile(r"(?:PATH|PYTHONPATH|PYTHONHOME|LD_LIBRARY_PATH|LD_PRELOAD|PIP_\w+)\Z")
_LONGEST = 100  # characters of a command that is told
_OTHER_SHELLS = ("ssh", "file", "container")  # what runs there is not part of this job


class Action(NamedTuple):
    """A command by which a job makes an environment, quoted anew: `kind` is module, python or install."""

    kind: str
    command: str


class Skipped(NamedTuple):
    """What of a job is not rehearsed, and where it stands: `line 7`, `requirements.txt`."""

    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


def skipped_at(lines: Lines, command: Command) -> Skipped:
    """A command that is not rehearsed, on one line."""
    told = " ".join(re.sub(r"\\\n", " ", command.source).split())
    shortened = f"{told[:_LONGEST]}…" if len(told) > _LONGEST else told
    return Skipped(f"line {lines.position(command.span.start)[0]}", shortened)


@dataclass(frozen=True, slots=True)
class Block:
    """How a job makes and uses one environment.

    `actions` are its own commands in their order; `folder` is the virtualenv, as a shell word, "" where there is none.
    `requirements` are the files that pip reads, as seen from the folder of submission, `constraints` those of them
    that only bound versions. `commands` are those that run in the environment. `skipped` are commands that are not
    rehearsed: they hold more than plain words, or would run the author's own code. `made` is the job's own command
    that makes the virtualenv, "" where it only enters one; `entered` the folder of that, as the job names it.
    """

    name: str
    actions: tuple[Action, ...] = ()
    folder: str = ""
    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    made: str = ""
    entered: str = ""

    def of(self, kind: str) -> tuple[str, ...]:
        return tuple(action.command for action in self.actions if action.kind == kind)

    @property
    def modules(self) -> tuple[str, ...]:
        return self.of(MODULE)

    @property
    def make(self) -> str:
        """The command that makes the virtualenv; "" where the job makes none that can be rehearsed."""
        return next(iter(self.of(PYTHON)), "")

    @property
    def installs(self) -> tuple[str, ...]:
        return self.of(INSTALL)

    def made_by(self, make: str, install: str, listing: str) -> Block:
        """The same, where the virtualenv is made before the job, by these commands and from this list."""
        modules = [action for action in self.actions if action.kind == MODULE]
        others = [action for action in self.actions if action.kind != MODULE]
        actions = (*modules, Action(PYTHON, make), Action(INSTALL, install), *others)
        lists = tuple(dict.fromkeys((listing, *self.requirements)))
        return replace(self, actions=actions, folder=make.split()[-1], requirements=lists)


def blocks(script: Script) -> tuple[Block, ...]:
    """The environments that a job makes, and those that it only enters, in that order, each once.

    Where there is neither, that of its modules alone, which has no name; () where it loads none.
    """
    made: dict[str, Command] = {}
    entered: dict[str, Command] = {}
    for command in script.commands:
        if _is_elsewhere(command):
            continue
        if folder := _folder_made(command):
            made.setdefault(folder, command)
        elif folder := _folder_entered(command):
            entered.setdefault(folder, command)
    starts = made | {folder: command for folder, command in entered.items() if folder not in made}
    if starts:
        return tuple(_block(script, folder, start, folder in made, starts) for folder, start in starts.items())
    alone = modules_of(script)
    return (replace(alone, commands=script.commands),) if alone.modules else ()


def modules_of(script: Script) -> Block:
    """The modules that a job loads, without a virtualenv."""
    return _Reader(script, "", len(script.text), {}).block()


def _is_elsewhere(command: Command) -> bool:
    return any(place.kind == SCRIPT and place.note in _OTHER_SHELLS for place in command.within)


def _first(pattern: re.Pattern[str], command: Command) -> str:
    """The first group of a pattern that all words of a command fit; "" where they do not."""
    match = pattern.fullmatch("\t".join(word.literal for word in command.words))
    return match[1] if match else ""


def _folder_made(command: Command) -> str:
    """The folder of the virtualenv that a command makes; "" where it makes none."""
    return _first(_MAKES, command)


def _folder_entered(command: Command) -> str:
    """The folder of the virtualenv that a command activates; "" where it activates none."""
    return _first(_ENTERS, command)


def _block(script: Script, folder: str, start: Command, is_made: bool, starts: dict[str, Command]) -> Block:
    alone = len(starts) == 1
    found = _Reader(script, folder, start.span.start, {} if alone else starts).block()
    return replace(
        found,
        name=folder.rpartition("/")[2],
        folder=(_word(start.words[-1]) or "") if found.make else "",
        commands=script.commands if alone else tuple(_inside(script, folder)),
        made=start.source if is_made else "",
        entered=folder,
    )


class _Reader:
    """Reads the actions of one environment, which starts at a place of the script."""

    def __init__(self, script: Script, folder: str, start: int, others: dict[str, Command]) -> None:
        self.script, self.folder, self.start = script, folder, start
        self.lines = Lines(script.text)
        self.inside = {command.span for command in _inside(script, folder)} if others else None
        self.others = {span for other in others if other != folder for span in _spans(script, other)}

    def block(self) -> Block:
        actions: list[Action] = []
        skipped: list[Skipped] = []
        lists: dict[str, bool] = {}
        for command in self.script.commands:
            kind = self._kind(command)
            listed = dict(_listed(command)) if kind == INSTALL else {}
            written = _written(command) if kind and self._is_rehearsed(kind, command) else None
            if kind and written:
                actions.append(Action(kind, written))
                lists |= listed
            elif kind or self._shapes(command):
                skipped.append(skipped_at(self.lines, command))
        bounding = tuple(name for name, bounds in lists.items() if bounds)
        return Block("", tuple(actions), "", tuple(lists), bounding, skipped=tuple(dict.fromkeys(skipped)))

    def _kind(self, command: Command) -> str:
        """What a command does for the environment: "" where that is nothing."""
        if _is_elsewhere(command) or not self._is_own(command):
            return ""
        if _first(_LOADS, command):
            return MODULE
        if self.folder and command.span.start == self.start and _folder_made(command):
            return PYTHON
        return INSTALL if self.folder and _is_install(command, self.folder) else ""

    def _is_rehearsed(self, kind: str, command: Command) -> bool:
        """Whether a command leaves nothing that stays, and builds none of the author's own code."""
        if kind == PYTHON:
            return _OF_THE_JOB.match(self.folder) is not None and ".." not in self.folder
        return kind != INSTALL or _is_plain(command)

    def _is_own(self, command: Command) -> bool:
        """Whether a command bears on the environment: one in front of it, outside of all others, or one in it."""
        if command.span.start <= self.start:
            return command.name in ("module", "ml") or command.span not in self.others
        return self.inside is None or command.span in self.inside

    def _shapes(self, command: Command) -> bool:
        if _is_elsewhere(command) or not self._is_own(command) or _reads_a_known_file(command):
            return False
        words = "".join(f"{word.literal} " for word in command.words)
        return any(_PATHS.match(each.name) for each in command.assignments) or bool(_SHAPES.search(words))


def _reads_a_known_file(command: Command) -> bool:
    """Whether a command enters or leaves a virtualenv, or sources a file of the system's."""
    read = command.words[1].literal if command.name in ("source", ".") and len(command.words) > 1 else ""
    return read.endswith("/deactivate") or any(re.fullmatch(known, read) for known, _ in rows("system_files"))


def _is_install(command: Command, folder: str) -> bool:
    """Whether a command installs by pip into the environment that is active, or by that of a folder."""
    pip = _first(_INSTALLS, command)
    return pip.startswith(f"{folder}/bin/") or ("/" not in pip and pip != "")


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


def _listed(command: Command) -> Iterator[tuple[str, bool]]:
    """The files that a call of pip names, as seen from the folder of submission, and whether each only bounds."""
    literals = [word.literal for word in command.words]
    for word, following in pairwise((*literals, "")):
        joined = _JOINED.fullmatch(word)
        option, path = (word, following) if word in _LISTS else joined.groups() if joined else ("", "")
        if option:
            yield _SUBMIT.sub("", path), "c" in option.lstrip("-")[0]


def _is_plain(command: Command) -> bool:
    """Whether a call of pip installs packages by name or from a list that is at hand, and neither builds nor fills
    another folder.
    """
    if command.assignments or any(is_elsewhere(path) for path, _ in _listed(command)):
        return False
    words = [word.literal for word in command.words[2:]]
    names = [
        word
        for before, word in pairwise(("", *words))
        if before not in _TAKE_A_PATH and word not in _TAKE_A_PATH and not _JOINED.fullmatch(word)
    ]
    return not any(is_own_code(word) or _ELSEWHERE.match(word) for word in names)


def _spans(script: Script, folder: str) -> Iterator[object]:
    return (command.span for command in _inside(script, folder))


def _inside(script: Script, folder: str) -> list[Command]:
    """The commands of a script with several environments that run in this one."""
    found, active = [], ""
    for command in script.commands:
        if entered := _folder_entered(command):
            active = entered
        elif command.name == "deactivate":
            active = ""
        elif active == folder or f"{folder}/" in command.source:
            found.append(command)
    return found
