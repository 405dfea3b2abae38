"""pip that installs only if an environment has to be made first: the rewritten job always makes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slurmfix.plan.going import arms_of
from slurmfix.plan.job import Job
from slurmfix.plan.names import named
from slurmfix.plan.step import Served, Site
from slurmfix.remarks import DOUBT, PLAIN, Message
from slurmfix.rules import Install, by_pip, named_by

PIP_IN_ONE_ARM = Message(
    id="pip-where-it-was-new",
    kind=DOUBT,
    subject="`pip install` on line {lines}",
    reason="the script installs this only where it makes the environment, which now happens elsewhere",
    action="add these packages to the requirements file",
    bad="""\
#!/bin/bash
#SBATCH --time=1:00:00
# Which arm is taken depends on what lies in the home folder; the job's own environment is new each time.
if [ ! -d "$HOME/.conda/envs/myenv" ]; then
    conda env create -f environment.yml
    conda install -y -n myenv scipy
    conda activate myenv
    pip install wandb
else
    conda activate myenv
fi
python train.py
""",
    good=PLAIN,
)


def check(job: Job, answers: Mapping[str, Served], site: Site) -> Iterator[tuple[str, str]]:
    codes = {name.code for name in job.names.values()}
    makers = [f for f in job.findings if isinstance(f.act, Install) and f.act.creates]
    lines: dict[str, set[int]] = {}
    for finding in job.findings:
        if not by_pip(finding.act):
            continue
        arms = arms_of(finding.command)
        made = next((maker for maker in makers if arms.intersection(maker.command.within)), None)
        if made is None:
            continue
        meant = codes.intersection([named(job.script, made).code]) if named_by(made.act) is not None else codes
        if len(meant) == 1:
            lines.setdefault(next(iter(meant)), set()).add(job.line(finding.span.start))
    for code, found in lines.items():
        told = ", ".join(map(str, sorted(found)))
        yield code, PIP_IN_ONE_ARM.about(lines=told)
