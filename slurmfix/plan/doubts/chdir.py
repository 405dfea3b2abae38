"""Whether the header lets the job start in another folder than the one that it is submitted from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message, job

STARTS_ELSEWHERE = Message(
    id="starts-in-another-folder",
    kind=DOUBT,
    subject="`#SBATCH --chdir={folder}`",
    reason="the job reads `{file}` from the folder where you run sbatch, whatever this option says",
    action="run sbatch in the folder that holds `{file}`",
    bad=job("#SBATCH --chdir=/scratch/me\nconda activate vision\npython train.py"),
    good=PLAIN,
)


_CHDIR = re.compile(r"--(?:chdir|workdir)\b|\s-D")


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of each environment, by the code of its name."""
    folder = job.script.option("--chdir", "-D", "--workdir")
    if not folder or folder in (".", "$PWD"):
        return
    text = job.script.text
    starts = (each.span.start for each in job.script.directives if _CHDIR.search(text[slice(*each.span)]))
    line = next(map(job.line, starts), 0)
    for code, answer in answers.items():
        if answer.requirements:
            name, file = answer.named.name, answer.requirements
            yield code, STARTS_ELSEWHERE.about(line, environment=name, folder=folder, file=file)
