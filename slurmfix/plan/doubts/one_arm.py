"""pip that installs only if an environment has to be made first: the rewritten job always makes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix.plan.going import arms_of
from slurmfix.plan.job import Job
from slurmfix.plan.names import named
from slurmfix.plan.step import Served, Site
from slurmfix.rules import Install, by_pip, named_by


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    codes = {name.code for name in job.names.values()}
    makers = [f for f in job.findings if isinstance(f.act, Install) and f.act.creates]
    lines: dict[str, set[int]] = {}
    for finding in job.findings:
        if not by_pip(finding.act):
            continue
        arms = arms_of(finding.command)
        made = next((maker for maker in makers if arms.intersection(maker.command.within)), None)
        if made is None:
            continue
        meant = codes.intersection([named(job.script, made).code]) if named_by(made.act) is not None else codes
        if len(meant) == 1:
            lines.setdefault(next(iter(meant)), set()).add(job.line(finding.span.start))
    for code, found in lines.items():
        told = ", ".join(map(str, sorted(found)))
        yield code, f"pip installs only where it was not there yet (line {told}): put that into its requirements"
