"""Whether a job does nothing but make an environment, which ends with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job, only_makes
from slurmfix.plan.step import Served, Site


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of each environment of the job, by the code of its name."""
    if only_makes(job.script, job.findings):
        for code, answer in answers.items():
            listed = answer.requirements or "the list above"
            yield code, f"the job only makes it, and it ends with the job: its list is now {listed}; drop this job"
