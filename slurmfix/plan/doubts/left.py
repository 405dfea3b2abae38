"""What conda would go back to where an environment is left, and the rewritten job does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix.plan.authors import authors_own
from slurmfix.plan.guard import IDLE
from slurmfix.plan.job import Job
from slurmfix.plan.leaving import Leaves, leaving
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message
from slurmfix.rules import Leave

BACK_TO_ANOTHER = Message(
    id="back-to-another",
    kind=DOUBT,
    subject="`conda deactivate` on line {line}",
    reason="conda may go back to an earlier environment here, but the rewritten job to none",
    action="if the lines below need no environment, do nothing. Otherwise write `conda activate NAME` below "
    "this line, and run slurmfix again, which converts `conda activate`",
    bad="""\
#!/bin/bash
#SBATCH --time=0:30:00
# In its first round the loop goes back to bio, in its second to nothing.
conda activate bio
conda activate ml
for fold in 1 2; do
    python train.py $fold
    conda deactivate
    samtools view fold$fold.bam
done
-- bio.yml --
name: bio
dependencies:
  - python=3.11
  - samtools
-- ml.yml --
name: ml
dependencies:
  - python=3.11
  - numpy
""",
    good=PLAIN,
)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    for at, finding in enumerate(job.findings):
        if not isinstance(finding.act, Leave):
            continue
        leaves = leaving(job, answers, at).leaves
        if leaves is Leaves.MAYBE or (leaves is Leaves.VIRTUALENV and job.active.may_be_more(finding.command)):
            yield from _stacked(job, at)


def _stacked(job: Job, at: int) -> Iterator[tuple[str, str]]:
    """The environment to which conda may go back, where commands follow that would run in it."""
    code = job.active.below(at)
    start, end = job.until_the_next(at)
    following = (c for c in authors_own(job.script, job.findings, start) if c.span.start < end)
    if code and any(c.name and c.name not in IDLE for c in following):
        line = job.line(job.findings[at].command.span.start)
        yield code, BACK_TO_ANOTHER.about(line)
