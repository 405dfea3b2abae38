"""What conda would go back to where an environment is left, and the rewritten job does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix.plan.doubts.early import RUNS_PYTHON
from slurmfix.plan.guard import IDLE
from slurmfix.plan.job import Job
from slurmfix.plan.leaving import Leaves, leaving
from slurmfix.plan.place import same_job
from slurmfix.plan.step import Served, Site
from slurmfix.rules import Leave, brings_base


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    for at, finding in enumerate(job.findings):
        if not isinstance(finding.act, Leave):
            continue
        left = leaving(job, answers, at)
        match left.leaves:
            case Leaves.MAYBE:
                yield from _stacked(job, at)
            case Leaves.VIRTUALENV if left.code in answers:
                yield from _into_base(job, at, left.code)


def _stacked(job: Job, at: int) -> Iterator[tuple[str, str]]:
    """The environment to which conda may go back, where commands follow that would run in it."""
    code = job.active.below(at)
    ours = [finding.command.whole for finding in job.findings]
    following = (c for c in job.commands_until_the_next(at) if c.name and c.name not in IDLE)
    if code and any(not any(whole.holds(c.span) for whole in ours) for c in following):
        line = job.line(job.findings[at].command.span.start)
        yield code, f"line {line}: conda may go back to this environment there, the rewritten job to none"


def _into_base(job: Job, at: int, code: str) -> Iterator[tuple[str, str]]:
    """The environment that is left where conda would go back to its base, and Python runs there."""
    within = job.findings[at].command.within
    if not any(brings_base(f.act) and same_job(f.command.within, within) for f in job.findings[:at]):
        return
    after = (c for c in job.commands_until_the_next(at) if same_job(c.within, within))
    run = next((c for c in after if RUNS_PYTHON.match(c.source)), None)
    if run is not None:
        line = job.line(run.span.start)
        said = f"line {line} runs Python in conda's base, and now in the module's: see what it needs"
        yield code, f"once it is left, {said}"
