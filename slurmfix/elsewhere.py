"""What else in a project speaks of conda and is no job script: where, and what to put there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from slurmfix import at_hand, files
from slurmfix.outcome import Outcome
from slurmfix.remarks import NOTE, Message, Remark, files_told_of

_MOST_READ = 1_500  # files of one folder
_LONGEST = 500_000  # bytes
_NAMED = re.compile(rb"conda|mamba", re.IGNORECASE)

CONDA_ELSEWHERE = Message(
    id="conda-elsewhere",
    kind=NOTE,
    subject="{subject}",
    reason="{reason}",
    action="{action}",
    bad="#!/bin/bash\n#SBATCH --time=1\nRscript fit.R\n-- fit.R --\nlibrary(reticulate)\nuse_condaenv('scvi')\n",
    good="#!/bin/bash\n#SBATCH --time=1\nRscript fit.R\n-- fit.R --\nlibrary(ggplot2)\n",
    page="The line belongs to a file that is no job script: a program, a configuration or a guide. slurmfix does not "
    "rewrite these. Put there what a converted job script of the project has in the place of its activation.",
)


def said_by_file(path: str, *does: str) -> at_hand.Said | None:
    """What a file does of these things with conda, as the table of what files say calls them; None for none of them."""
    if not at_hand.may_say(path):
        return None
    try:
        data = files.read(path, _LONGEST)
        text = files.decode(data, path) if _NAMED.search(data) or b"activate" in data else ""
    except files.Unreadable:
        return None
    return at_hand.said_by(path, text, *does) if text else None


def with_elsewhere(outcomes: Sequence[Outcome], paths: Sequence[str]) -> list[Outcome]:
    """The outcomes, and one for each other file of the folders among `paths` that uses conda, where no job tells of it.

    What it says takes the place of the word that a folder has no job script.
    """
    found = [outcome for path in paths if os.path.isdir(path) for outcome in _in_folder(path, outcomes)]
    if not any(outcome.unhandled for outcome in found):
        return [*outcomes, *found]
    empty = {files.tidy(path) or "." for path in paths}
    return [*(each for each in outcomes if not (each.error and each.path in empty)), *found]


def _in_folder(folder: str, outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    there = {os.path.realpath(outcome.path) for outcome in outcomes}
    told = files_told_of(said for outcome in outcomes for said in outcome.said)
    looked = 0
    for path in files.project_files(os.path.realpath(folder)):
        if path in there or looked >= _MOST_READ or not at_hand.may_say(path) or path.endswith(told):
            continue
        looked += 1
        if said := said_by_file(path, "uses", "makes", "guides"):
            remark = CONDA_ELSEWHERE.about(said.line, subject=said.subject, reason=said.reason, action=said.action)
            yield Outcome(files.shown(path), notes=(remark,), unhandled=said.does != "guides")


def said_of_a_job(path: str, *does: str) -> Remark | None:
    """What is said of a file that a job reads and that does one of these things, said of the job: the subject names the
    file and the line.
    """
    said = said_by_file(path, *does)
    if said is None:
        return None
    subject, file = f"`{files.shown(path)}`, line {said.line}", files.shown(path)
    return CONDA_ELSEWHERE.about(subject=subject, reason=said.reason, action=said.action, file=file)
