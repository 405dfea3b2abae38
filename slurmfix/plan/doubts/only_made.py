"""Whether a job does nothing but make or fill an environment, which ends with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job, only_fills, only_makes
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message, job

ONLY_MADE = Message(
    id="only-made",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="this job only makes the environment, but now each job builds and deletes its own",
    action="keep `{file}` for the jobs that use the environment. This job is no longer needed",
    bad=job("conda create -y -n vision python=3.11 numpy\nconda activate vision\npip install scipy"),
    good=PLAIN,
)
ONLY_FILLED = Message(
    id="only-filled",
    kind=DOUBT,
    subject="the environment `{environment}`",
    reason="this job only installs packages, but now each job builds and deletes its own environment",
    action="write these packages into `{file}` for the jobs that use the environment. This job is no longer needed",
    bad=job("conda activate vision\npip install scipy"),
    good=PLAIN,
)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of each environment of the job, by the code of its name."""
    if not only_fills(job.script, job.findings):
        return
    said = ONLY_MADE if only_makes(job.script, job.findings) else ONLY_FILLED
    for code, answer in answers.items():
        if answer.requirements:  # neither modules alone nor an image serve it
            yield code, said.about(environment=answer.named.name, file=answer.requirements)
