"""An activation under a test that asks which Python comes first, which is another one in the rewritten job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message, job
from slurmfix.rules import Enter
from slurmfix.shell import CHECKED, Command, Kind, kind_of

UNDER_A_TEST = Message(
    id="activated-under-a-test",
    kind=DOUBT,
    subject="the test on line {line}",
    reason="this test looks at the place of Python, and decides whether the job builds `{environment}`",
    action="delete the test, and keep the lines that build the environment",
    bad=job("if [[ $(which python) != *vision* ]]; then\n    conda activate vision\nfi\npython train.py"),
    good=PLAIN,
)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of the environments that such a test decides on, by the codes of their names."""
    for at, test in deciding(job):
        name = job.names[at]
        yield name.code, UNDER_A_TEST.about(job.line(test.span.start), environment=name.name)


def deciding(job: Job) -> Iterator[tuple[int, Command]]:
    """The activations that hang on an answer to where Python is, by their numbers, and the commands that ask."""
    asking = [command for command in job.script.holding("python") if kind_of(command.name) is Kind.ASKS]
    for at in job.names if asking else ():
        finding = job.findings[at]
        if isinstance(finding.act, Enter):
            yield from ((at, each) for each in asking if _decides(each, finding.command))


def _decides(asking: Command, entering: Command) -> bool:
    """Whether the condition that a question stands in leads to an activation."""
    statements = (place.span for place in asking.within if place.kind == CHECKED)
    return asking.span.end <= entering.span.start and any(span.holds(entering.span) for span in statements)
