"""Whether the header lets the job start in another folder than the one that it is submitted from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of each environment, by the code of its name."""
    folder = job.script.option("--chdir", "-D", "--workdir")
    if not folder or folder in (".", "$PWD"):
        return
    for code, answer in answers.items():
        if answer.requirements:
            yield code, f"the header starts the job in {folder} (--chdir): submit it where {answer.requirements} lies"
