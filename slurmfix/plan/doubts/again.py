"""A step that starts the script again, in each of its tasks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message
from slurmfix.shell import Kind, programs_of

STARTS_ITSELF = Message(
    id="starts-itself",
    kind=DOUBT,
    subject="line {line}",
    reason="the script starts itself again here, and each start would build the environment",
    action="move the lines that build and activate the environment above line {line}, where only the first start "
    "runs them",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00:00
#SBATCH --nodes=1 --ntasks=4
if [ -z "$IN_STEP" ]; then
    export IN_STEP=1
    srun bash "$0"
    exit $?
fi
source activate myenv
python x.py
""",
    good=PLAIN,
)

_ITSELF = re.compile(r"\"?\$(?:0|\{0\}|BASH_SOURCE|\{BASH_SOURCE(?:\[0\])?\})\"?")
_STARTERS = programs_of(Kind.STEP)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of all environments where a step starts the script again: `srun bash "$0"`."""
    steps = (command for command in job.script.holding(*_STARTERS) if command.name in _STARTERS)
    again = next((step for step in steps if any(_ITSELF.fullmatch(word.source) for word in step.words)), None)
    if again is not None:
        line = job.line(again.span.start)
        for code in answers:
            yield code, STARTS_ITSELF.about(line)
