"""Lists that pip installs in the job and that nobody could read: pip now finds the cluster's wheels alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job, lists_of
from slurmfix.plan.nodes import several_nodes
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, Message, job
from slurmfix.rules import Pip

LIST_NOT_READ = Message(
    id="list-not-read",
    kind=DOUBT,
    subject="the list `{file}`",
    reason="pip now installs this list from the cluster's wheels alone, and slurmfix cannot read the file",
    action="on a login node, run `avail_wheels --requirement {file} --not-available`",
    bad=job("conda activate vision\npip install -r more.txt\npython train.py"),
    good=job("conda activate vision\npip install -r more.txt\npython train.py") + "-- more.txt --\nnumpy\n",
)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of each list, by the code of the environment that it goes into."""
    for at, finding in enumerate(job.findings):
        if not site.wheelhouse or not isinstance(finding.act, Pip) or several_nodes(job.script, finding.command):
            continue
        for code in job.active.before(at)[:1]:
            read = answers[code].lists if code in answers else lists_of(job, at, code)
            for file in dict.fromkeys(lists_of(job, at, code)):
                if file not in read and "$" not in file:
                    yield code, LIST_NOT_READ.about(job.line(finding.span.start), file=file)
