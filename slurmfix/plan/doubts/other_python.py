"""Whether a line of the script is for another Python than the one that it gets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message, job

# `…/envs/x/bin/python2.7`, `miniconda2`, `…/lib/python3.6/site-packages`
_OF_A_LINE = re.compile(
    r"/bin/python(?P<called>\d\.\d+)\b|\b(?:ana|mini)conda(?P<two>2)\b|/python(?P<packages>\d\.\d+)/(?:site|dist)-packages",
    re.I,
)

LINE_FOR_ANOTHER_PYTHON = Message(
    id="line-for-another-python",
    kind=DOUBT,
    subject="Python {wanted} on line {line}",
    reason="the rewritten job runs Python {python}",
    action="test your code. If this line names packages of Python {wanted}, add the packages to the requirements file",
    bad=job("conda activate vision\n~/miniconda3/envs/vision/bin/python3.7 train.py"),
    good=PLAIN,
)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of the first environment, by the code of its name."""
    first = next(iter(answers), None)
    if first is None or not answers[first].recipe.python:
        return
    python = answers[first].recipe.python
    for command in job.script.holding("python", "conda2"):
        found = _OF_A_LINE.search(command.source)
        if found is None or command.name in ("echo", "printf", "ls", "rm"):
            continue
        wanted = found["called"] or found["packages"] or "2.7"
        if wanted != python:
            line = job.line(command.span.start)
            yield first, LINE_FOR_ANOTHER_PYTHON.about(line, wanted=wanted, python=python)
            return
