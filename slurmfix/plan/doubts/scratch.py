"""A folder of the job's own that a site gives to those jobs alone whose header asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix.plan.job import Job
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, Message

_EXAMPLE = """\
#!/bin/bash
#SBATCH --time=1:00
{header}conda activate vision
python train.py
-- environment.yml --
name: vision
dependencies:
  - python=3.11
  - numpy
-- site.toml --
extends = "alliance"
[nodes]
scratch-option = "--gres=localscratch:20G"
-- command --
slurmfix --profile ./site.toml job.sh
"""
NO_SCRATCH = Message(
    id="scratch-not-asked-for",
    kind=DOUBT,
    subject="the folder {folder}",
    reason="a job of this cluster has this folder only if it asks for it",
    action="write `#SBATCH {option}` below the other `#SBATCH` lines",
    bad=_EXAMPLE.format(header=""),
    good=_EXAMPLE.format(header="#SBATCH --gres=localscratch:50G\n"),
)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    name, _, value = site.scratch_option.partition("=")
    asked = [each.partition("=")[2] for line in job.script.directives for each in line.arguments if name in each]
    if not name or any(each.startswith(value.partition(":")[0]) for each in asked):
        return
    for code in answers:
        yield code, NO_SCRATCH.about(folder=site.tmpdir, option=site.scratch_option)
