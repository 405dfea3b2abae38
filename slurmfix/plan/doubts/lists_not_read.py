"""Lists that pip installs in the job and that nobody could read: pip now finds the cluster's wheels alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job, installed_by_pip
from slurmfix.plan.nodes import several_nodes
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, Message, job

LIST_NOT_READ = Message(
    id="list-not-read",
    kind=DOUBT,
    subject="the list `{file}`",
    reason="slurmfix cannot read this list, and does not know whether the cluster has its packages",
    action="on a login node, run `avail_wheels --requirement {file} --not-available`. If the command lists "
    "packages, write versions into {file} that `avail_wheels PACKAGE` shows. Otherwise do nothing",
    bad=job("conda activate vision\npip install -r more.txt\npython train.py"),
    good=job("conda activate vision\npip install -r more.txt\npython train.py") + "-- more.txt --\nnumpy\n",
)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of each list, by the code of the environment that it goes into."""
    for finding, code, lists in installed_by_pip(job) if site.wheelhouse else ():
        if code not in answers or several_nodes(job.script, finding.command):
            continue
        for file in dict.fromkeys(lists):
            if file not in answers[code].lists and "$" not in file:
                yield code, LIST_NOT_READ.about(job.line(finding.span.start), file=file)
