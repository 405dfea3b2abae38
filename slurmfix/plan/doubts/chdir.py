"""Whether the job starts in, or first goes to, another folder than the one that it is submitted from."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message, job
from slurmfix.shell import is_idle
from slurmfix.text import excerpt

STARTS_ELSEWHERE = Message(
    id="starts-in-another-folder",
    kind=DOUBT,
    subject="`{option}`",
    reason="the job reads `{file}` from the folder where you run sbatch, whatever this option says",
    action="run sbatch in the folder of `{file}`. If you already do so, nothing has to change",
    bad=job("#SBATCH --chdir=/scratch/me\nconda activate vision\npython train.py"),
    good=PLAIN,
)


OPTION_IS_GONE = Message(
    id="workdir-is-gone",
    kind=DOUBT,
    subject="`{option}`",
    reason="Slurm no longer has the option `--workdir`, so sbatch refuses this script",
    action="write `--chdir` instead of `--workdir`",
    bad=job("#SBATCH --workdir=/scratch/me\nconda activate vision\npython train.py"),
    good=job("#SBATCH --chdir=/scratch/me\nconda activate vision\npython train.py"),
)


GOES_ELSEWHERE = Message(
    id="goes-to-another-folder",
    kind=DOUBT,
    subject="`{option}`",
    reason="the job reads `{file}` from the folder where you run sbatch, and not from this one",
    action="run sbatch in the folder of `{file}`. If you already do so, nothing has to change",
    bad=job("cd $HOME/projects/vision\nconda activate vision\npython train.py", "numpy"),
    good=job("cd data\nconda activate vision\npython train.py", "numpy"),
)


_GOES = re.compile(r"(?:cd|pushd)\s+[\"']?(?:/|~|\$(?!\{?(?:SLURM_SUBMIT_DIR|PWD|SLURM_TMPDIR)\b))")
_CHDIR = re.compile(r"--(?:chdir|workdir)\b|\s-D")


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of each environment, by the code of its name."""
    if site.in_job:
        yield from _goes_first(job, answers)
    folder = job.script.option("--chdir", "-D", "--workdir")
    if not folder or os.path.normpath(folder) in (".", "$PWD"):
        return
    text = job.script.text
    said = ((each.span.start, text[slice(*each.span)]) for each in job.script.directives)
    start, option = next((each for each in said if _CHDIR.search(each[1])), (0, f"#SBATCH --chdir={folder}"))
    line, option = job.line(start), " ".join(option.partition(" #")[0].split())
    for code, answer in answers.items():
        if answer.requirements:
            name, file = answer.named.name, answer.requirements
            if "--workdir" in option:
                yield code, OPTION_IS_GONE.about(line, environment=name, option=option)
            if site.in_job:
                yield code, STARTS_ELSEWHERE.about(line, environment=name, option=option, file=file)


def _goes_first(job: Job, answers: Mapping[str, Served]) -> Iterator[tuple[str, str]]:
    """A job that first goes to a folder of its own may be submitted from anywhere. Told of environments that are known:
    of the others there is more to do before.
    """
    works = (each for each in job.script.commands if not is_idle(job.script, each) or each.name in ("cd", "pushd"))
    first = next(works, None)
    if first is None or not _GOES.match(first.source):
        return
    for code, answer in answers.items():
        environment = answer.recipe.environment
        if answer.requirements and environment.origin and not environment.guess:
            option, file = excerpt(first.source), answer.requirements
            yield code, GOES_ELSEWHERE.about(job.line(first.span.start), option=option, file=file)
