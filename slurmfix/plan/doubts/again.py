"""A step that starts the script again, in each of its tasks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site

_ITSELF = re.compile(r"\"?\$(?:0|\{0\}|BASH_SOURCE|\{BASH_SOURCE(?:\[0\])?\})\"?")
_STARTERS = ("srun", "mpirun", "mpiexec")


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of all environments where a step starts the script again: `srun bash "$0"`."""
    steps = (command for command in job.script.holding(*_STARTERS) if command.name in _STARTERS)
    again = next((step for step in steps if any(_ITSELF.fullmatch(word.source) for word in step.words)), None)
    if again is not None:
        line = job.line(again.span.start)
        for code in answers:
            yield code, f"line {line} starts this script again: see that not each task builds the environment"
