"""Whether a line of the script is for another Python than the one that it gets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site

# `…/envs/x/bin/python2.7`, `miniconda2`, `…/lib/python3.6/site-packages`
_OF_A_LINE = re.compile(
    r"/bin/python(?P<called>\d\.\d+)\b|\b(?:ana|mini)conda(?P<two>2)\b|/python(?P<packages>\d\.\d+)/(?:site|dist)-packages",
    re.I,
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
            yield first, f"line {line} is for Python {wanted}, and gets Python {python}: see that the code runs with it"
            return
