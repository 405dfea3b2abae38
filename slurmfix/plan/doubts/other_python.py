"""Whether a line of the script is for another Python than the one that it gets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message, Remark, job
from slurmfix.shell import Script

# `…/envs/x/bin/python2.7`, `miniconda2`, `…/lib/python3.6/site-packages`
_OF_A_LINE = re.compile(
    r"/bin/python(?P<called>\d\.\d+)\b|\b(?:ana|mini)conda(?P<two>2)\b|/python(?P<packages>\d\.\d+)/(?:site|dist)-packages",
    re.I,
)
_OF_PYTHON_3 = re.compile(r"(?<![\w.-])(?:i?python3|pip3)(?![\w-])|(?:ana|mini)conda(?:3|/3)", re.I)
_TOLD = {"python-not-there": "asked", "python-shown": "shown"}  # where a message says the Python of a line as well

LINE_FOR_ANOTHER_PYTHON = Message(
    id="line-for-another-python",
    kind=DOUBT,
    subject="Python {wanted} on line {line}",
    reason="the rewritten job runs Python {python}",
    action="if this line is only a name or path of yours, do nothing. If it installs or loads packages of Python "
    "{wanted}, add them to the requirements file",
    bad=job(
        "export PYTHONPATH=~/lib/python3.7/site-packages\nconda activate vision\n"
        "~/miniconda3/envs/vision/bin/python3.11 train.py"
    ),
    good=PLAIN,
)


def needs_python_3(script: Script) -> bool:
    """Whether a script calls a `python3`, which no environment of Python 2 has, or brings a conda of Python 3."""
    held = script.holding("python3", "pip3", "conda3", "conda/3")
    return any(_OF_PYTHON_3.search(command.source) for command in held)


def _brings_both(script: Script) -> bool:
    """Whether a script loads a conda of Python 2 and one of Python 3, and so runs both."""
    loaded = " ".join(command.source for command in script.holding("conda2", "conda3") if command.name == "module")
    return "conda2" in loaded.lower() and "conda3" in loaded.lower()


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of the first environment, by the code of its name."""
    first = next(iter(answers), None)
    if first is None or not answers[first].recipe.python:
        return
    python = answers[first].recipe.python
    said = [doubt for doubt in answers[first].recipe.doubts if isinstance(doubt, Remark)]
    told = {doubt.values.get(_TOLD[doubt.id]) for doubt in said if doubt.id in _TOLD}
    for command in job.script.holding("python", "conda2"):
        found = _OF_A_LINE.search(command.source)
        if found is None or command.name in ("echo", "printf", "ls", "rm"):
            continue
        wanted = found["called"] or found["packages"] or "2.7"
        if found["two"] and needs_python_3(job.script) and not _brings_both(job.script):
            continue
        if wanted != python and wanted not in told:
            line = job.line(command.span.start)
            yield first, LINE_FOR_ANOTHER_PYTHON.about(line, wanted=wanted, python=python)
            return
