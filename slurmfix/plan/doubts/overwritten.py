"""What may give a variable that names an environment another value, unseen: a file that is read, a text that is run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message
from slurmfix.rules import named_by
from slurmfix.shell import PARAMETER, Command

# An example of a value that nobody sees here.
UNSEEN = """\
#!/bin/bash
#SBATCH --time=0:30:00
# Nobody sees here what settings.sh gives ENV, nor whether the environment is still the one looked for.
ENV=prep
source settings.sh
conda activate $ENV
if [[ "$(which python)" != *envs/prep* ]]; then echo "wrong python"; exit 1; fi
mkdir -p $SLURM_TMPDIR/prep/data
python prepare.py --data $SLURM_TMPDIR/prep/data
-- prep.yml --
name: prep
dependencies:
  - python=3.11
  - numpy
-- train.yml --
name: train
dependencies:
  - python=3.11
  - numpy
"""
ANOTHER_VALUE = Message(
    id="another-value",
    kind=DOUBT,
    subject="`{variable}` on line {line}",
    reason="the environment's name `{environment}` uses this variable, which line {line} may change",
    action="if the value stays the same, do nothing. Otherwise use another variable here",
    bad=UNSEEN,
    good=PLAIN,
)

# What sets up a shell, conda, modules or compilers names no environment of the job's own.
_SETS_UP = re.compile(
    r"rc\b|profile|conda|mamba|activate|/etc/|lmod|modules?\b|setvars|\.venv|git-|functions?\b|/opt/|/usr/"
)
_RUNS_TEXT = re.compile(r"(?:export|declare|typeset|local|readonly)\s+(?:-\w+\s+)*(?:\$\(|`|[\"']?\$[\w{@*])")


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of environments, by the code of their names."""
    script, findings = job.script, job.findings
    ours = {finding.command.span for finding in findings}
    opaque = [command for command in script.commands if command.span not in ours and _may_assign(command)]
    for at, name in job.names.items() if opaque else ():
        target, command = named_by(findings[at].act), findings[at].command
        if not name.known or target is None or target.word is None:
            continue
        for part in target.word.parts:
            given = [
                c.span.end for c in script.commands
                if c.span.start < command.span.start and any(a.name == part.text for a in c.assignments)
            ] if part.kind == PARAMETER else []  # fmt: skip
            between = [c for c in opaque if given and given[-1] <= c.span.start < command.span.start]
            if between:
                line = job.line(between[0].span.start)
                yield name.code, ANOTHER_VALUE.about(line, environment=name.name, variable=part.text)


def _may_assign(command: Command) -> bool:
    """Whether a command runs what this script does not hold."""
    match command.name:
        case "source" | ".":
            return not _SETS_UP.search(command.source)
        case "eval":
            return "$" in command.source and not _SETS_UP.search(command.source)
        case "export" | "declare" | "typeset" | "local" | "readonly":
            return _RUNS_TEXT.match(command.source) is not None
    return False
