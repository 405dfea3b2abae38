"""What a job starts elsewhere while an environment is active: other jobs, which do not have its folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message, job
from slurmfix.rules import USES
from slurmfix.shell import SCRIPT, Command

SUBMITS_WHILE_ACTIVE = Message(
    id="submits-while-active",
    kind=DOUBT,
    subject="line {line}",
    reason="this line {what} while the environment is active, and another node does not have the environment",
    action="activate in the other job as well",
    bad=job('conda activate vision\nsbatch --wrap "python train.py"'),
    good=PLAIN,
)

_CHILD = re.compile(r"(?!.*(?:\$0|BASH_SOURCE|SLURM_JOB))\S+\.(?:sh|bash|sbatch|slurm|slm|sub|job|batch)\Z")
_PYTHON = re.compile(r"(?:^|[\s\"'=;&|/])(?:python|pip|torchrun|accelerate|jupyter|ipython)[\d.]*\s")
_SUBMITS = re.compile(
    r"(?:(?:time|nohup|exec|srun|env)\s+(?:-\S+\s+)*)*"
    r"(?:snakemake\b.*\s(?:--executor[ =](?!local)|--cluster\b|--slurm\b|--drmaa\b)"
    r"|nextflow\b.*\srun\b.*(?:\s-profile[ =]\S*slurm|executor[ =]slurm))", re.S
)  # fmt: skip


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of environments, by the code of their names, that other jobs would look for in vain."""
    if not site.in_job:
        return
    needed = [finding.command for finding in job.findings if isinstance(finding.act, USES)]
    for command in job.script.holding("sbatch", "snakemake", "nextflow"):
        active = job.active.of(command)[:1]
        what = _started(command) if active and active != ("?",) else ""
        if what and not any(_is_inside(command, other) for other in needed):
            line = job.line(command.span.start)
            yield active[0], SUBMITS_WHILE_ACTIVE.about(line, what=what)


def _started(command: Command) -> str:
    if command.name == "sbatch":
        child = next((word.literal for word in command.words[1:] if _CHILD.match(word.literal)), "")
        if "--wrap" in command.source:
            return "submits Python" if _PYTHON.search(command.source.partition("--wrap")[2]) else ""
        return f"submits {child}" if child else ""
    return "submits its steps as jobs" if _SUBMITS.match(command.source) else ""


def _is_inside(command: Command, other: Command) -> bool:
    """Whether another command stands in the job that a command submits."""
    return any(place.kind == SCRIPT and command.whole.holds(place.span) for place in other.within)
