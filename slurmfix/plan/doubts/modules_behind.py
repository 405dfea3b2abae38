"""Modules that the author loads while an environment is active: what they bring may hide the environment's packages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix.plan.authors import authors_own
from slurmfix.plan.building import loads_modules, modules_after
from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message, job
from slurmfix.rules import Enter
from slurmfix.shell import is_idle

MODULES_BEHIND = Message(
    id="modules-behind",
    kind=DOUBT,
    subject="a `module` command below the activation",
    reason="modules loaded after the activation of `{environment}` can hide its packages",
    action="move this `module` line above the activation (`source …/bin/activate`)",
    bad=job("conda activate vision\npython a.py\nmodule load cuda\npython train.py"),
    good=PLAIN,
)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of environments, by the code of their names, behind whose activation modules are loaded."""
    if not site.modules:
        return
    ours = {finding.command.span for finding in job.findings}
    entered = (finding for finding in job.findings if isinstance(finding.act, Enter))
    moved = [(each.command.span.end, last.span.end) for each in entered if (last := modules_after(job, each))]
    for command in job.script.holding("module", "ml"):
        if command.span in ours or not loads_modules(command):
            continue
        if any(start <= command.span.start < end for start, end in moved):
            continue  # the activation comes to stand behind it
        for code in job.active.of(command)[:1]:
            if code in answers and _is_used_behind(job, code, command.span.end):
                at = job.line(command.span.start)
                yield code, MODULES_BEHIND.about(at, environment=answers[code].named.name)


def _is_used_behind(job: Job, code: str, offset: int) -> bool:
    """Whether a command runs behind a place where an environment is still active."""
    later = authors_own(job.script, job.findings, offset)
    return any(not is_idle(job.script, c) and job.active.of(c)[:1] == (code,) for c in later)
