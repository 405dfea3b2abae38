"""Which scripts of a project start or source which others, and how, told by one search of each text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from slurmfix import files
from slurmfix.vocabulary import SEVERAL, Kind, pattern_of, programs_of

_LONGEST = 200_000  # bytes of a script
_MOST = 3_000  # scripts of a project
_DEEPEST = 3
_FOLDER = rb"(?:\$\{?SLURM_SUBMIT_DIR\}?/|\$\{?(?!HOME\b)\w+\}?/|\$\(dirname [^)]*\)/)"
_ENDINGS = tuple(ending.encode() for ending in files.ENDINGS)
_BARE = 4  # the group of a name that only stands in the words of a command: `sbatch -N 4 job.sh`
_SOURCES = rb"(?:^|[\s;&|({])(?:source|\.)[ \t]+\S*\Z"
_SUBMITS = pattern_of(Kind.JOB).encode() + rb"[ \t]"
_AT_ONCE = pattern_of(*SEVERAL).encode() + rb"[ \t]"
_ABOVE = r"\A(?:\.\./)+"
_TELLS = rb"^\s*(?:#|echo\b|printf\b|chmod\b|cp\b|rm\b|mv\b|cat\b)"


class How(Enum):
    """How a script calls another one."""

    SOURCES = "its own shell reads it"
    RUNS = "it starts it once"
    AT_ONCE = "it starts it as the tasks of a step, or several times at once"
    SUBMITS = "it submits it as a job"


class Caller(NamedTuple):
    """A script that calls another one: its path and text, where in that, and how; `is_given`: this run converts it."""

    path: str
    text: str
    at: int
    how: How
    is_given: bool = False


@lru_cache(maxsize=1)
def _names() -> re.Pattern[bytes]:
    """The names of files in a text, where something starts them; few scripts need it."""
    starters = (*map(re.escape, programs_of(Kind.SHELL, Kind.STEP, Kind.JOB)), "source", r"\.", "exec")
    ahead = rb"(?:(?:" + "|".join(sorted(starters)).encode() + rb")[ \t]+(?:-\S*[ \t]+)*)+[\"']?"
    return re.compile(
        rb"(?:^|[\s;&|({])(?:" + ahead + _FOLDER + rb"?([\w./-]*\w)|[\"']?" + _FOLDER + rb"([\w./-]*\w)"
        rb"|(\.{1,2}/[\w./-]*\w)|([\w./-]*\w\.(?:sh|bash|sbatch|slurm|job)))", re.MULTILINE
    )  # fmt: skip


def named(data: bytes) -> Iterator[tuple[str, int, How]]:
    """The files that a script calls, as it names them, where, and how."""
    for match in _names().finditer(data):
        start = data.rfind(b"\n", 0, match.end()) + 1
        before = data[start : match.end()]
        if re.match(_TELLS, before) or b" #" in before:
            continue
        name = match[match.lastindex or 0]
        ahead = before[: len(before) - len(name)]
        how = _how(ahead)
        if match.lastindex != _BARE or how in (How.AT_ONCE, How.SUBMITS):
            yield os.fsdecode(name), match.end() - len(name), how


def started_at_once(data: bytes) -> Iterator[str]:
    """The files that a script starts as tasks, or several times at once: only lines that hold what does so are read."""
    for _, line in _lines(data, data, _words_at_once()):
        if re.search(_AT_ONCE, line):
            yield from (name for name, _, how in named(line) if how is How.AT_ONCE)


@lru_cache(maxsize=1)
def _words_at_once() -> tuple[bytes, ...]:
    """The names of what starts several, without those that hold another one."""
    names = programs_of(*SEVERAL)
    return tuple(name.encode() for name in names if not any(other in name for other in names - {name}))


def _lines(data: bytes, searched: bytes, words: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines that hold one of these words in `searched`, which is as long, and where each begins: a search for words
    takes a fifth of the time of one for a pattern.
    """
    starts = set[int]()
    for word in words:
        at = searched.find(word)
        while at >= 0:
            starts.add(searched.rfind(b"\n", 0, at) + 1)
            at = searched.find(word, at + len(word))
    for start in sorted(starts):
        end = data.find(b"\n", start)
        yield start, data[start : end if end >= 0 else None]


def _how(ahead: bytes) -> How:
    if re.search(_SUBMITS, ahead):
        return How.SUBMITS
    if re.search(_AT_ONCE, ahead):
        return How.AT_ONCE
    return How.SOURCES if re.search(_SOURCES, ahead) else How.RUNS


Table = Mapping[str, tuple[Caller, ...]]  # the callers of each script, by its real path


def callers_of(path: str, table: Table, given: frozenset[str] = frozenset()) -> tuple[Caller, ...]:
    """The scripts that call a script, and those that call these; `given` are the real paths of what this run converts.
    A step on the way to a script starts that as often.
    """
    found: dict[str, Caller] = {}
    own = os.path.realpath(path)
    waiting: list[tuple[str, How | None, int]] = [(own, None, 0)]
    while waiting:
        called, through, depth = waiting.pop(0)
        for caller in table.get(called, ()) if depth < _DEEPEST else ():
            if caller.path in found or caller.path == own:
                continue
            how = _joined(caller.how, through)
            found[caller.path] = caller._replace(how=how, is_given=caller.path in given)
            if how is not How.SUBMITS:
                waiting.append((caller.path, how, depth + 1))
    return tuple(found.values())


def _joined(how: How, through: How | None) -> How:
    """How a script calls another one through a third."""
    if through is None or how in (How.SUBMITS, How.AT_ONCE):
        return how
    return through if how is How.SOURCES or through is How.AT_ONCE else How.RUNS


def table_of(root: str) -> Table:
    """The callers of each script below a folder."""
    listed = [path for path in files.project_files(root) if files.named_as_job_script(path)][:_MOST]
    known = frozenset(listed)
    found: dict[str, list[Caller]] = {}
    for path in listed:
        for name, at, how, text in _calls(path):
            called = _at_hand(path, name, root, known)
            if not called and how is How.SUBMITS:  # it may stand in another folder by then
                called = _at_hand(path, re.sub(_ABOVE, "", name), root, known)
            if called:
                found.setdefault(called, []).append(Caller(path, text, at, how))
    return {called: tuple(each) for called, each in found.items()}


def _calls(path: str) -> Iterator[tuple[str, int, How, str]]:
    """What a script calls by a name that a script may have: which, where, how, and the script's text."""
    try:
        data = files.read(path, _LONGEST)
        lines = _lines(data, data.lower(), _ENDINGS)
        calls = [(name, start + at, how) for start, line in lines for name, at, how in named(line)]
        text = files.decode(data, path) if calls else ""
    except files.Unreadable:
        return
    plain = len(text) == len(data)
    yield from ((name, at if plain else _offset(data, at), how, text) for name, at, how in calls)


def _offset(data: bytes, at: int) -> int:
    return len(data[:at].decode("utf-8", "surrogateescape"))


def _at_hand(path: str, name: str, root: str, known: frozenset[str]) -> str:
    """The script that one names, seen from its folder and from those above; "" where there is none but itself."""
    folder = os.path.dirname(path)
    while True:
        called = os.path.normpath(os.path.join(folder, name))
        if called in known:
            return called if called != path else ""
        if folder == root or len(folder) <= len(root):
            return ""
        folder = os.path.dirname(folder)
