"""Whether the header lets the job start in another folder than the one that it is submitted from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message, job

STARTS_ELSEWHERE = Message(
    id="starts-in-another-folder",
    kind=DOUBT,
    subject="the `#SBATCH --chdir={folder}` line",
    reason="the job starts in that folder, and reads `{file}` from the folder where you run sbatch",
    action="run sbatch in the folder that holds `{file}`",
    bad=job("#SBATCH --chdir=/scratch/me\nconda activate vision\npython train.py"),
    good=PLAIN,
)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of each environment, by the code of its name."""
    folder = job.script.option("--chdir", "-D", "--workdir")
    if not folder or folder in (".", "$PWD"):
        return
    for code, answer in answers.items():
        if answer.requirements:
            yield code, STARTS_ELSEWHERE.about(environment=answer.named.name, folder=folder, file=answer.requirements)
