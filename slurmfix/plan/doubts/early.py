"""What was found before an environment: conda's base ahead of its activation, or what stands in front of it on PATH."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slurmfix import knowledge
from slurmfix.plan.doubts.under_a_test import deciding
from slurmfix.plan.job import Job
from slurmfix.plan.place import exclusive, same_job, surely
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message, job
from slurmfix.rules import Enter, Pip, brings_base
from slurmfix.shell import CHAINED, CHECKED, PIPELINE, SUBSTITUTION, Command, Kind, is_kept, kind_of

FOUND_FIRST = Message(
    id="found-first",
    kind=DOUBT,
    subject="the environment's folder on PATH",
    reason="conda's programs came last on PATH, but now those of the environment come first",
    action="if the job needs the system's version of a program, call the program by its full path. Otherwise do "
    "nothing",
    bad=job("export PATH=$PATH:$HOME/miniconda3/envs/vision/bin\npython train.py"),
    good=PLAIN,
)
PIP_BEFORE = Message(
    id="pip-before-activation",
    kind=DOUBT,
    subject="`pip install` on line {line}",
    reason="no environment is active on this line yet, so pip has nowhere to install",
    action="move this line below the activation (`source …/bin/activate`)",
    bad=job("pip install --user wandb\nconda activate vision\npython train.py"),
    good=PLAIN,
)
PYTHON_BEFORE = Message(
    id="python-before-activation",
    kind=DOUBT,
    subject="the Python on line {line}",
    reason="conda's base ran this line, but now the module's or system's Python does",
    action="if the line needs no packages, do nothing. Otherwise move this line below the activation "
    "(`source …/bin/activate`)",
    bad="""\
#!/bin/bash
#SBATCH --time=2:00:00
eval "$(conda shell.bash hook)"
conda run -n myenv python fit.py
python plot.py
""",
    good=PLAIN,
)
PROGRAM_BEFORE = Message(
    id="program-before-activation",
    kind=DOUBT,
    subject="the program `{program}` on line {line}",
    reason="conda's base may have had this program, whose module the job loads only elsewhere",
    action="copy the `module load` line of this program to just above this line",
    bad="""\
#!/bin/bash
#SBATCH --time=2:00:00
eval "$(conda shell.bash hook)"
samtools index a.bam
conda activate myenv
python plot.py
""",
    good=PLAIN,
)
BASE_ON_TOP = Message(
    id="base-on-top",
    kind=DOUBT,
    subject="the conda hook on line {line}",
    reason="conda's base became active here, but now the environment from further up stays active",
    action="if the lines below need that environment, do nothing. Otherwise write `deactivate` below this line",
    bad="""\
#!/bin/bash
#SBATCH --time=2:00:00
conda activate myenv
eval "$(conda shell.bash hook)"
python plot.py
""",
    good=PLAIN,
)

RUNS_PYTHON = re.compile(r"(?:\S+[ \t]+)*?(?:\S*/)?(?:python|pip|ipython|jupyter|torchrun|accelerate)[\d.]*(?:\s|\Z)")
_BEHIND = re.compile(r"\bPATH=[\"']?\$\{?PATH\}?:")


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    """What to say of the first environment, by the code of its name."""
    for at, name in job.names.items():
        if _BEHIND.search(job.findings[at].command.source):
            yield name.code, FOUND_FIRST.about()
    entered = [at for at in job.names if isinstance(job.findings[at].act, Enter)]
    installs = _installs_early(job, entered) if entered else ()
    first = min(entered or job.names, default=-1)
    if first >= 0:
        told = (*installs, *_runs_in_base(job, answers), *_enters_base(job))
        yield from ((job.code(first), said) for said in told)


def _is_early(job: Job, entered: list[int], command: Command) -> bool:
    """Whether a command runs before an environment is active."""
    commands = (job.findings[at].command for at in entered)
    before = (c for c in commands if c.span.start < command.span.start)
    return all(exclusive(c.within, command.within) for c in before) and not job.active.of(command)


def _installs_early(job: Job, entered: list[int]) -> Iterator[str]:
    early = (f for f in job.findings if isinstance(f.act, Pip) and _is_early(job, entered, f.command))
    for line in dict.fromkeys(job.line(finding.span.start) for finding in early):
        yield PIP_BEFORE.about(line)


def _runs_in_base(job: Job, answers: Mapping[str, Served]) -> Iterator[str]:
    """What conda's base ran: the first line with a Python, and the first with each program that has a module now."""
    base = next((finding.command for finding in job.findings if brings_base(finding.act)), None)
    if base is None or not job.names:
        return
    loaded = {module.partition("/")[0] for served in answers.values() for module in served.recipe.modules}
    with_python = job.script.holding("python", "pip", "jupyter", "torchrun", "accelerate")
    pythons = {command.span for command in with_python if _runs_python(command) and not _only_tells(job, command)}
    told: set[str] = set()
    asked = min((test.span.start for _, test in deciding(job)), default=len(job.script.text))  # more is told there
    for command in job.script.commands:
        if not base.span.end <= command.span.start < asked or not command.name:
            continue
        program = "" if command.span in pythons else command.name
        if program in told or (program and knowledge.program_module(program) not in loaded):
            continue
        if _is_in_base(job, base, command):
            told.add(program)
            line = job.line(command.span.start)
            yield PROGRAM_BEFORE.about(line, program=program) if program else PYTHON_BEFORE.about(line)


def _runs_python(command: Command) -> bool:
    return command.name not in ("echo", "printf") and RUNS_PYTHON.match(command.source) is not None


def _only_tells(job: Job, command: Command) -> bool:
    """Whether a command only asks where Python is, and people alone see the answer: `echo "$(which python)"`."""
    if kind_of(command.name) is not Kind.ASKS:
        return False
    holders = [each for each in job.script.commands if each.span != command.span and each.span.holds(command.span)]
    inside = any(place.kind == SUBSTITUTION for place in command.within)
    told = all(kind_of(each.name) is Kind.TELLS for each in holders) and (bool(holders) or not inside)
    return told and not any(map(is_kept, (command, *holders))) and not _is_tested(command)


def _is_tested(command: Command) -> bool:
    """Whether something hangs on the answer, or it goes on to another program."""
    return any(place.kind in (CHECKED, CHAINED, PIPELINE) for place in command.within)


def _is_in_base(job: Job, base: Command, command: Command) -> bool:
    """Whether base, which one command enters, may be all that another one finds."""
    if any(finding.command.whole.meets(command.span) for finding in job.findings):
        return False
    if not same_job(command.within, base.within):
        return False
    entered = [at for at in job.names if isinstance(job.findings[at].act, Enter)]
    if any(_behind_in_a_list(job, job.findings[at].command, command) for at in entered):
        return False
    may_be = surely(base.within, command.within) and job.active.may_be_none(command)
    return may_be or not job.active.of(command)


def _behind_in_a_list(job: Job, entering: Command, command: Command) -> bool:
    """Whether a command runs only once another has: `conda activate x && python a.py`."""
    between = job.script.text[entering.span.end : command.span.start]
    lists = [place.span for place in command.within if place.kind == CHAINED]
    return any(span.holds(entering.span) for span in lists) and between.count("&&") > 0 and "||" not in between


def _enters_base(job: Job) -> Iterator[str]:
    """The hook that enters conda's base where an environment is active."""
    hooks = (finding for finding in job.findings if brings_base(finding.act) and finding.rule == "hook")
    yield from (BASE_ON_TOP.about(job.line(each.span.start)) for each in hooks if job.active.of(each.command))
