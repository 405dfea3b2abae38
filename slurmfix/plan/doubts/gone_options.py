"""An option that the version of a program which the job would get does not have any more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slurmfix import knowledge
from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, Message, both, job
from slurmfix.shell import Kind, kind_of

OPTION_IS_GONE = Message(
    id="option-is-gone",
    kind=DOUBT,
    subject="`{program} {option}` on line {line}",
    reason="the job would install {program} {version}, which no longer has this option",
    action="write {lines} into the requirements file instead of `{program}`",
    bad=job("conda activate vision\nsnakemake --cluster sbatch -j 9", "python=3.11", "snakemake"),
    good=job("conda activate vision\nsnakemake --cluster sbatch -j 9", "python=3.11", "snakemake=7"),
)
_BOUND = re.compile(r"(?:==|~=|<=?)\s*(\d+)")


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    for row in knowledge.rows("gone_options"):
        program, option, gone, *beside = row
        called = re.compile(rf"(?<![\w./-]){program}\s(?:.*\s)?{option}(?![\w-])", re.S)
        holding = (command for command in job.script.holding(option) if kind_of(command.name) is not Kind.TELLS)
        calls = (command for command in holding if called.search(command.source))
        first = next(calls, None)
        if first is None:
            continue
        for code, served in answers.items():
            version = _newest(served, program)
            if version and int(version.partition(".")[0]) >= int(gone):
                line, lines = job.line(first.span.start), both([f"`{each}`" for each in (f"{program}<{gone}", *beside)])
                yield code, OPTION_IS_GONE.about(line, program=program, option=option, version=version, lines=lines)


def _newest(served: Served, program: str) -> str:
    """The version that a job would install; "" where the list bounds it from above, or does not have it."""
    line = next((each for each in served.recipe.requirements if re.match(rf"{program}(?![\w.-])", each)), "")
    versions = knowledge.wheel_versions(program, served.recipe.python) if line and not _BOUND.search(line) else ()
    return versions[-1] if versions else ""
