"""Workflow managers that submit their steps as jobs while an environment is active: these do not have its folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message, job

SUBMITS_WHILE_ACTIVE = Message(
    id="submits-while-active",
    kind=DOUBT,
    subject="line {line}",
    reason="the workflow submits each step as a job of its own, where the environment is not active",
    action="activate the environment in the script or profile that starts these jobs",
    bad=job("conda activate vision\nsnakemake --cluster sbatch -j 10"),
    good=PLAIN,
)

_SUBMITS = re.compile(
    r"(?:(?:time|nohup|exec|srun|env)\s+(?:-\S+\s+)*)*"
    r"(?:snakemake\b.*\s(?:--executor[ =](?!local)|--cluster\b|--slurm\b|--drmaa\b)"
    r"|nextflow\b.*\srun\b.*(?:\s-profile[ =]\S*slurm|executor[ =]slurm)"
    r"|toil[\w-]*\b.*\s--batchSystem[ =]slurm)", re.S
)  # fmt: skip


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of environments, by the code of their names, that other jobs would look for in vain."""
    if not site.in_job:
        return
    for command in job.script.holding("snakemake", "nextflow", "toil"):
        active = job.active.of(command)[:1]
        if active and active != ("?",) and _SUBMITS.match(command.source):
            yield active[0], SUBMITS_WHILE_ACTIVE.about(job.line(command.span.start))
