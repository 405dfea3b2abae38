"""A conda environment that the job itself puts into its own folder, where the virtualenv is built now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message, job
from slurmfix.rules import Enter, Install

UNPACKED = Message(
    id="unpacked-in-the-job",
    kind=DOUBT,
    subject="the folder `{folder}`",
    reason="the job puts a conda environment there, and the virtualenv would be built into the same folder",
    action="delete the line that unpacks or copies the environment",
    bad=job("tar xf vision.tar -C $SLURM_TMPDIR\nsource activate $SLURM_TMPDIR/vision\npython train.py"),
    good=PLAIN,
)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of each such environment, by the code of its name."""
    if any(isinstance(finding.act, Install) and finding.act.creates for finding in job.findings):
        return
    for at, name in job.names.items():
        act = job.findings[at].act
        text = act.target.text if isinstance(act, Enter) else ""
        if text.replace("{", "").replace("}", "").startswith(f"${site.variable}/"):
            yield name.code, UNPACKED.about(folder=text)
