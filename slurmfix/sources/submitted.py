"""Signs that a job is submitted from another folder than the one that its new files go to."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from slurmfix import files
from slurmfix.callers import Caller, How
from slurmfix.remarks import DOUBT, Message, job
from slurmfix.shell import Command, Script
from slurmfix.sources.evidence import Evidence
from slurmfix.sources.world import World

_FILES = "-- environment.yml --\nname: vision\ndependencies: [python=3.11, numpy]\n-- train.py --\nimport numpy\n"
SUBMITTED_ELSEWHERE = Message(
    id="submitted-elsewhere",
    kind=DOUBT,
    subject="the folder where you run sbatch",
    reason="the path `{sign}` suggests another folder than `{folder}`, where the requirements file is",
    action='if you run sbatch beside the requirements file, do nothing. Otherwise write `submit-dir = "FOLDER"` into '
    "slurmfix.toml (FOLDER: where you run sbatch)",
    bad=job("conda activate vision\npython train.py") + _FILES
    + "-- submit.sh --\nfor d in runs/*/; do\n    (cd $d && sbatch ../../job.sh)\ndone\n",
    good=job("conda activate vision\npython train.py") + _FILES
    + "-- submit.sh --\ncd \"$(dirname \"$0\")\"\nsbatch job.sh\n",
)  # fmt: skip
_MOVES = ("cd", "pushd")
_MOVED = re.compile(r"(?:^|[\s;&|(])(?:cd|pushd)[ \t]+([^\n;&|)]+)")
# Into the folder of the script itself, or where it is submitted from.
_OWN = re.compile(r"dirname|BASH_SOURCE|SUBMIT_DIR|\$\{0%|\$PWD|-\Z|\.\Z")
_ABOVE = re.compile(r"(?:\./)?(?:\.\./)+(?:[\w.-]+/)*[\w.-]*\w\.(?:py|[rR]|jl|pl|m|sh|ipynb|smk|ya?ml|json|toml|cfg)")
_PRINTS = ("echo", "printf")


def doubts_of_the_folder(world: World, job: Evidence) -> list[str]:
    """What is said of a job whose caller, or whose own paths, tell of another folder, if nobody gave it."""
    if world.settings.submit_dir or job.path == "-":
        return []
    signs = (*_of_callers(job), *_of_paths(job))
    folder = files.shown(job.places.submit) or "."
    return [SUBMITTED_ELSEWHERE.about(sign=sign, folder=folder) for sign in signs[:1]]


def _of_callers(job: Evidence) -> Iterator[str]:
    """The lines of other scripts that submit the job by a path from above, or by any path from a folder they enter."""
    for caller in job.callers:
        if caller.how is How.SUBMITS and _submits_from_another(caller):
            yield _line_of(caller).strip()


def _submits_from_another(caller: Caller) -> bool:
    name = re.split(r"[\s\"']", caller.text[: caller.at])[-1] + caller.text[caller.at :].split(maxsplit=1)[0]
    if name.startswith("../"):
        return True
    moved = _MOVED.findall(caller.text, 0, caller.at)
    return name.startswith(("/", "$", "~")) and bool(moved) and not _OWN.search(moved[-1].strip().strip("\"'"))


def _line_of(caller: Caller) -> str:
    start = caller.text.rfind("\n", 0, caller.at) + 1
    return caller.text[start:].partition("\n")[0]


def _of_paths(job: Evidence) -> Iterator[str]:
    """The files above the job's folder that the job reads before it goes anywhere, and that are not there."""
    paths = list(_read_from_above(job.script))
    there = [files.exists(os.path.normpath(os.path.join(job.places.submit, job.places.chdir, path))) for path in paths]
    if paths and not any(there):
        yield paths[0]


def _read_from_above(script: Script) -> Iterator[str]:
    moves = (c for c in script.commands if c.name in _MOVES and not _OWN.search(c.source.strip("\"'")))
    first = min((command.span.start for command in moves), default=len(script.text))
    for command in script.holding("../"):
        if command.span.start < first and command.name not in _PRINTS:
            yield from _words_above(command)


def _words_above(command: Command) -> Iterator[str]:
    return (word.literal for word in command.words[1:] if _ABOVE.fullmatch(word.literal))
