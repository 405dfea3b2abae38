"""Tells of the scripts beside a job that it sources or starts, and that use conda: they want converting, too."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from slurmfix import files
from slurmfix.files import Unreadable
from slurmfix.outcome import Outcome
from slurmfix.triage import is_environment, is_shell

_SUBMIT_DIR = rb"(?:\$\{?SLURM_SUBMIT_DIR\}?/)"
_STARTS = re.compile(
    rb"(?:^|[\s;&|({])(?:(?:source|\.|bash|sh|srun|exec|sbatch)[ \t]+(?:-\S*[ \t]+)*[\"']?"
    + _SUBMIT_DIR + rb"?([\w./-]*\w)|[\"']?" + _SUBMIT_DIR + rb"([\w./-]*\w)|(\./[\w./-]*\w))", re.MULTILINE
)  # fmt: skip
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
    named = [files.shown(path) for path in _started(outcome.path, data) if path not in here and _uses_conda(path)]
    if not named:
        return outcome
    them = "it" if len(named) == 1 else "them"
    note = f"starts {', '.join(named)}, which {'uses' if len(named) == 1 else 'use'} conda: convert {them}, too"
    return outcome._replace(notes=(*outcome.notes, note))


def _started(script: str, data: bytes) -> Iterator[str]:
    """The scripts on this disk that a job names behind `source`, `bash` and the like, or as programs."""
    names: dict[bytes, None] = {}
    for match in _STARTS.finditer(data):
        if b"#" not in data[data.rfind(b"\n", 0, match.start() + 1) + 1 : match.start()] and len(names) < _MOST:
            names[match[1] or match[2] or match[3]] = None
    if not names:
        return
    folders = files.folders_up(script)
    for name in names:
        paths = (os.path.normpath(os.path.join(folder, os.fsdecode(name))) for folder in folders)
        path = next(filter(os.path.isfile, paths), None)
        if path is not None and files.inside(path, folders[-1]):
            yield os.path.realpath(path)


def _uses_conda(path: str) -> bool:
    try:
        data = files.read(path)
        if not files.has_trace(data) or not is_shell(data):
            return False
        text = files.decode(data, path)
    except Unreadable:
        return False
    from slurmfix.rules import TooManyFindings, find
    from slurmfix.shell import read

    try:
        return bool(find(read(text)))
    except (RecursionError, TooManyFindings):
        return True
