"""Tells of the scripts beside a job that it sources or starts, and that use conda: they want converting, too."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import TypeGuard

from slurmfix import files
from slurmfix.callers import named
from slurmfix.files import Unreadable
from slurmfix.outcome import Outcome
from slurmfix.remarks import NOTE, Message, Remark, files_told_of
from slurmfix.triage import is_environment, is_shell

_READS = re.compile(rb"(?:^|[\s\"'=/])([\w./-]*\w\.(?:py|[rR]|config|smk|ya?ml))(?=[\s\"';)]|\Z)", re.MULTILINE)
_PROFILE = re.compile(rb"--(?:workflow-)?profile[ =][\"']?([\w./-]*\w)")
_JOB = "#!/bin/bash\n#SBATCH --time=1:00\nbash setup.sh\npython train.py\n-- setup.sh --\n#!/bin/bash\n"
STARTS_ANOTHER = Message(
    id="starts-another",
    kind=NOTE,
    subject="the script `{script}`",
    reason="the job starts this script, which uses conda, too",
    action="run slurmfix on both scripts together",
    bad=f"{_JOB}conda activate vision\n",
    good=f"{_JOB}make\n",
)
_MOST = 20  # scripts looked at for one job


def with_started(outcomes: Sequence[Outcome], paths: Sequence[str]) -> list[Outcome]:
    """The outcomes, with a note on each file of `paths` that starts scripts which use conda and which this run does not
    convert.
    """
    named = {files.tidy(path) for path in paths}
    here = {os.path.realpath(outcome.path) for outcome in outcomes}
    return [_told(outcome, here) if outcome.path in named and not outcome.error else outcome for outcome in outcomes]


def _told(outcome: Outcome, here: set[str]) -> Outcome:
    try:
        data = files.read(outcome.path)
    except Unreadable:
        return outcome
    if is_environment(outcome.path, data) or not is_shell(data):
        return outcome
    scripts = [
        (files.shown(path), data.count(b"\n", 0, at) + 1)
        for path, at in _there(outcome.path, _started(data))
        if path not in here and not path.endswith(".py") and _uses_conda(path)
    ]
    told = files_told_of(outcome.said)
    read = [path for path, _ in _there(outcome.path, _read_by(data)) if not path.endswith(told)]
    notes: list[str] = _said_of_files(read) if read else []
    notes += [STARTS_ANOTHER.about(line, script=name) for name, line in scripts]
    lines = {line for _, line in scripts}
    kept = [note for note in outcome.notes if not (_is_vaguer(note) and note.line in lines)]
    return outcome._replace(notes=(*kept, *notes), unhandled=True) if notes else outcome


def _is_vaguer(note: str) -> TypeGuard[Remark]:
    """Whether a note says of a line that nobody knows what it runs, where the script that it starts was looked at."""
    return isinstance(note, Remark) and note.id == "code-not-read"


def _said_of_files(paths: list[str]) -> list[str]:
    from slurmfix.elsewhere import said_of_a_job  # with its tables, which a clean script does not need

    return [said for path in paths if (said := said_of_a_job(path, "uses", "makes"))]


def _started(data: bytes) -> Iterator[tuple[bytes, int]]:
    """The scripts that a job calls, and where."""
    yield from ((os.fsencode(name), at) for name, at, _ in named(data))


def _read_by(data: bytes) -> Iterator[tuple[bytes, int]]:
    """The programs and configurations that a job names, and where."""
    for match in _READS.finditer(data):
        if not _in_comment(data, match.start(1)):
            yield match[1], match.end()
    for match in _PROFILE.finditer(data):
        if not _in_comment(data, match.start()):
            yield match[1] + b"/config.yaml", match.end()


def _in_comment(data: bytes, at: int) -> bool:
    return b"#" in data[data.rfind(b"\n", 0, at) + 1 : at]


def _there(script: str, named: Iterator[tuple[bytes, int]]) -> Iterator[tuple[str, int]]:
    """Those of the files that lie in the folders of a script, and where it names them first."""
    folders = files.folders_up(script)
    first: dict[bytes, int] = {}
    for name, at in named:
        first.setdefault(name, at)
    for name, at in list(first.items())[:_MOST]:
        if path := files.file_in(folders, os.fsdecode(name), folders[-1]):
            yield os.path.realpath(path), at


def _uses_conda(path: str) -> bool:
    try:
        data = files.read(path)
        if not files.has_trace(data) or not is_shell(data):
            return False
        from slurmfix.at_hand import line_in_a_script

        return line_in_a_script(files.decode(data, path)) > 0
    except Unreadable:
        return False
