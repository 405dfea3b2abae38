"""Where a job keeps Python from the packages that modules carry, which it finds through PYTHONPATH."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message
from slurmfix.shell import Command

PYTHONPATH_LOST = Message(
    id="pythonpath-lost",
    kind=DOUBT,
    subject="line {line}",
    reason="this line replaces PYTHONPATH, so Python no longer finds the packages of the module {module}",
    action="write `export PYTHONPATH=FOLDER:$PYTHONPATH` instead (FOLDER: your folder), or delete this line",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00:00
# What the modules carry for Python is found through PYTHONPATH, which conda's Python did not need.
conda activate myenv
export PYTHONPATH=$HOME/src
python -E train.py
python -u evaluate.py
-- environment.yml --
name: myenv
channels: [conda-forge]
dependencies:
  - python=3.11
  - numpy
  - pyarrow
""",
    good=PLAIN,
)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of environments, by the code of their names, whose modules Python would not look into."""
    # Python is told of the packages of modules by a start-up module on PYTHONPATH.
    carried = {code: ", ".join(each.recipe.carriers) for code, each in answers.items()}
    if not any(carried.values()):
        return
    for command in job.script.holding("python"):
        active = job.active.of(command)[:1]
        hidden = carried.get(active[0], "") if active else ""
        if hidden and _hides(command):
            line = job.line(command.span.start)
            yield (
                active[0],
                PYTHONPATH_LOST.about(line, module=hidden),
            )


def _hides(command: Command) -> bool:
    """Whether it takes from PYTHONPATH what the modules have put there, or lets Python not look at it."""
    if command.name == "unset":
        return any(word.literal == "PYTHONPATH" for word in command.words)
    if any(
        a.name == "PYTHONPATH" and a.operator == "=" and "PYTHONPATH" not in a.word.source for a in command.assignments
    ):
        return True
    words = [word.literal for word in command.words]
    python = next((at for at, word in enumerate(words) if re.fullmatch(r"(?:\S*/)?python[\d.]*", word)), len(words))
    options = itertools.takewhile(lambda word: word.startswith("-"), words[python + 1 :])
    return any(re.match(r"-[A-Za-z]*[EI]", option) for option in options)
