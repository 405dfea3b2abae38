"""A job that the script submits from another folder, where it looks for its requirements in vain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.place import job_of, same_job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message, job

OTHER_SUBMIT_FOLDER = Message(
    id="other-submit-folder",
    kind=DOUBT,
    subject="line {line}",
    reason="sbatch runs in another folder here, where the job does not find its requirements file",
    action="copy the requirements file into that folder, too",
    bad=job("cd run\nsbatch <<'E'\n#!/bin/bash\nconda activate vision\npython a.py\nE"),
    good=PLAIN,
)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    moving = [command for command in job.script.commands if command.name in ("cd", "pushd", "popd")]
    for at, name in job.names.items() if moving else ():
        within = job.findings[at].command.within
        depth = job_of(within)
        if not depth:
            continue
        submitted = within[depth - 1].span.start
        outside = within[: depth - 1]
        moves = [each for each in moving if each.span.end <= submitted and same_job(each.within, outside)]
        is_read = site.in_job or answers[name.code].image is not None
        if is_read and moves and "SUBMIT_DIR" not in moves[-1].source:
            line = job.line(moves[-1].span.start)
            yield (
                name.code,
                OTHER_SUBMIT_FOLDER.about(line),
            )
